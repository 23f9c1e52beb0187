/** The images of the cluster, as archives that containerd imports. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { debianBase, NODE_NEEDS } from "../image/bases.ts";
import { buildImage } from "../image/built-image.ts";
import { build, podman } from "../image/podman.ts";
import { PAUSE_IMAGE } from "./settings.ts";

/** The image of a pod's sandbox, under the name that containerd is configured with. */
export async function pauseArchive(folder: string): Promise<string> {
  const context = join(folder, "pause");
  await mkdir(context, { recursive: true });
  await copyFile(fileURLToPath(new URL("build/pause", import.meta.url)), join(context, "pause"));
  await writeFile(join(context, "Dockerfile"), 'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n');
  await build("--quiet", "--format=docker", `--tag=${PAUSE_IMAGE}`, context);
  return await archiveOf(PAUSE_IMAGE, PAUSE_IMAGE, folder);
}

/** The sidecar's image, of this checkout's Dockerfile, under the name that the manifests have for it. */
export async function sidecarArchive(name: string, folder: string): Promise<string> {
  const { image } = await buildImage();
  return await archiveOf(image, name, folder);
}

/** The AWS CLI and boto3 of the conformance clients: Debian's are too old for a token file. */
const REQUIREMENTS = ["cli", "python"].map((folder) =>
  fileURLToPath(new URL(`../../conformance/clients/${folder}/requirements.txt`, import.meta.url)),
);

/** The application's image, under the name that the manifests have for it. */
export async function applicationArchive(name: string, folder: string): Promise<string> {
  const base = await debianBase(NODE_NEEDS);
  const image = "localhost/cluster-application:1";
  const context = fileURLToPath(new URL("application", import.meta.url));
  const packages = join(folder, "packages");
  const pip = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--target",
    packages,
    ...REQUIREMENTS.flatMap((file) => ["--requirement", file]),
  ];
  await promisify(execFile)("python3", pip);
  await build(
    "--quiet",
    "--format=docker",
    `--build-context=packages=${packages}`,
    `--build-arg=DEBIAN=${base}`,
    `--tag=${image}`,
    context,
  );
  return await archiveOf(image, name, folder);
}

/** Writes an image of the tests' storage to an archive, under the name that the manifests have for it. */
export async function archiveOf(image: string, name: string, folder: string): Promise<string> {
  const path = join(folder, `${name.replace(/\W/g, "-")}.tar`);
  await podman("tag", image, name);
  await podman("save", "--quiet", "--format=docker-archive", "--output", path, name);
  return path;
}
