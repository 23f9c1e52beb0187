/** The images of the cluster, as archives that containerd imports, under the names that the shipped manifests have for them. */
import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { debianBase, digest, NODE_NEEDS } from "../image/bases.ts";
import { buildImage } from "../image/built-image.ts";
import { build, cache, hasImage, podman } from "../image/podman.ts";
import { podOf, read, sidecarOf } from "../kubernetes/support/manifests.ts";
import type { NodeCluster } from "./cluster.ts";
import { PAUSE_IMAGE } from "./settings.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The sidecar's, the application's and the init steps' images. */
export async function importImages(node: NodeCluster): Promise<void> {
  const pods = read("examples/kubernetes/link-local.yaml").flatMap((object) => podOf(object) ?? []);
  const [pod] = pods;
  const sidecar = pod && sidecarOf(pod)?.image;
  const [application] = pod?.spec?.containers ?? [];
  const [step] = pod?.spec?.initContainers ?? [];
  if (!sidecar || !application?.image || !step?.image) throw new Error("the example has no images");
  await node.importImage(await archiveOf((await buildImage()).image, sidecar));
  await node.importImage(await archiveOf(await applicationImage(), application.image));
  await node.importImage(await archiveOf(await busyboxImage(), step.image));
}

/** The image of a pod's sandbox, under the name that containerd is configured with. */
export async function pauseArchive(): Promise<string> {
  const pause = here("build/pause");
  const dockerfile = 'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n';
  const image = `localhost/cluster-pause:${digest(readFileSync(pause), dockerfile)}`;
  return await archiveOf(await builtOf(image, { pause }, dockerfile), PAUSE_IMAGE);
}

/** Every command is this machine's busybox, as in the image of the init steps. */
async function busyboxImage(): Promise<string> {
  const { stdout } = await promisify(execFile)("sh", ["-c", "command -v busybox"]);
  const busybox = stdout.trim();
  const base = await debianBase(NODE_NEEDS);
  const dockerfile = `FROM ${base}\nCOPY busybox /usr/local/bin/busybox\nRUN busybox --install -s /usr/local/bin\n`;
  const image = `localhost/cluster-busybox:${digest(readFileSync(busybox), dockerfile)}`;
  return await builtOf(image, { busybox }, dockerfile);
}

/** The AWS CLI and boto3 of the conformance clients: Debian's are too old for a token file. */
const requirements = ["cli", "python"].map((folder) => here(`../../conformance/clients/${folder}/requirements.txt`));

async function applicationImage(): Promise<string> {
  const base = await debianBase(NODE_NEEDS);
  const context = here("application");
  const inputs = [...requirements, ...globSync(`${context}/*`).sort()].map((file) => readFileSync(file));
  const image = `localhost/cluster-application:${digest(base, ...inputs)}`;
  if (await hasImage(image)) return image;
  const packages = await mkdtemp(join(tmpdir(), "cluster-packages-"));
  try {
    const from = requirements.flatMap((file) => ["--requirement", file]);
    const pip = ["-m", "pip", "install", "--quiet", "--target", packages, ...from];
    await promisify(execFile)("python3", pip);
    const options = [`--build-context=packages=${packages}`, `--build-arg=DEBIAN=${base}`, `--tag=${image}`];
    await build("--quiet", "--format=docker", ...options, context);
    return image;
  } finally {
    await rm(packages, { recursive: true, force: true });
  }
}

/** Builds an image of these files, unless it is there. */
async function builtOf(image: string, files: Readonly<Record<string, string>>, dockerfile: string): Promise<string> {
  if (await hasImage(image)) return image;
  const context = await mkdtemp(join(tmpdir(), "cluster-image-"));
  try {
    for (const [name, path] of Object.entries(files)) await copyFile(path, join(context, name));
    await writeFile(join(context, "Dockerfile"), dockerfile);
    await build("--quiet", "--format=docker", `--tag=${image}`, context);
    return image;
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** Writes an image of the tests' storage to an archive that is kept: an image of another content has another name. */
async function archiveOf(image: string, name: string): Promise<string> {
  const folder = join(cache, "archives");
  const path = join(folder, `${digest(image, name)}.tar`);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  await podman("tag", image, name);
  const written = `${path}.${process.pid}`;
  await podman("save", "--quiet", "--format=docker-archive", "--output", written, name);
  await rename(written, path);
  return path;
}
