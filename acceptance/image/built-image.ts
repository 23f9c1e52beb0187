/** The image under test: this checkout's, built by the Dockerfile that is published, on bases made here. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bases, digest } from "./bases.ts";
import { build, cache, hasImage, podman } from "./podman.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

export interface BuiltImage {
  readonly image: string;
  /** The base that it stands on, by name. */
  readonly base: string;
  /** Standard output of `podman …` in the storage that holds the image. */
  readonly podman: (...args: readonly string[]) => Promise<string>;
}

/** Builds the image, unless this checkout's is there already. Test files run at once: one builds, and the rest wait. */
export async function buildImage(): Promise<BuiltImage> {
  const self = fileURLToPath(import.meta.url);
  const { stdout } = await run("flock", [`${cache}lock`, process.execPath, self], { maxBuffer: 1_048_576 });
  const { image, base } = JSON.parse(stdout);
  return { image, base, podman };
}

async function built(): Promise<Omit<BuiltImage, "podman">> {
  const { build: buildBase, runtime } = await bases();
  const image = `localhost/aws-credential-sidecar:${digest(buildBase, runtime, ...inputs())}`;
  if (await hasImage(image)) return { image, base: runtime };
  const npmCache = (await run("npm", ["config", "get", "cache"])).stdout.trim();
  await build(
    "--quiet",
    "--format=docker", // OCI's has no HEALTHCHECK.
    `--build-context=build-base=container-image://${buildBase}`,
    `--build-context=runtime-base=container-image://${runtime}`,
    "--build-arg=VERSION=0.0.0-test",
    `--volume=${npmCache}:/root/.npm`,
    `--tag=${image}`,
    root,
  );
  return { image, base: runtime };
}

/** Everything that .dockerignore lets through, and what says so. */
function inputs(): readonly (string | Buffer)[] {
  const files = ["Dockerfile", ".dockerignore", "package.json", "package-lock.json", ".npmrc", "LICENSE"];
  const folders = ["scripts", "src"].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(root.length)),
  );
  return [...files, ...folders.sort()].flatMap((file) => [file, readFileSync(`${root}${file}`)]);
}

if (import.meta.main) process.stdout.write(JSON.stringify(await built()));
