/** podman and buildah with a storage, a runtime and networks of their own: nothing of the machine's is touched. */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Kept from one run to the next, and ignored by git: the bases take minutes to make. */
export const cache: string = fileURLToPath(new URL("../.cache/", import.meta.url));
mkdirSync(cache, { recursive: true });
writeFileSync(`${cache}.gitignore`, "*\n");

const storage = ["--root", `${cache}storage`, "--runroot", `${cache}run`] as const;

export const containersEnv: NodeJS.ProcessEnv = {
  ...process.env,
  CONTAINERS_CONF: fileURLToPath(new URL("containers.conf", import.meta.url)),
};

/** An image's build, or pulling a tree of Debian into the storage, prints a lot. */
const MAX_OUTPUT_BYTES = 64 * 1_048_576;

async function output(command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(command, args, { env: containersEnv, maxBuffer: MAX_OUTPUT_BYTES });
    return stdout.trim();
  } catch (thrown) {
    const { code, stderr = "" } = thrown as NodeJS.ErrnoException & { stderr?: string };
    if (code === "ENOENT") throw new Error(`${command} is missing: acceptance/image/install.sh installs it`);
    throw new Error(`${command} ${args.join(" ")}: exit ${code}\n${stderr.trim()}`, { cause: thrown });
  }
}

/** The arguments that every call of podman begins with, for a caller that spawns it itself. */
export const podmanOptions: readonly string[] = [...storage, "--tmpdir", `${cache}tmp`];

/** Standard output of `podman …`; throws with its standard error when it fails. */
export function podman(...args: readonly string[]): Promise<string> {
  return output("podman", [...podmanOptions, ...args]);
}

/** `buildah build`, without the privileges that its own isolation would need. */
export function build(...args: readonly string[]): Promise<string> {
  return output("buildah", [...storage, "build", "--isolation", "chroot", "--layers=false", ...args]);
}

/** Whether the storage has an image of this name. */
export async function hasImage(name: string): Promise<boolean> {
  return (await podman("images", "--quiet", "--filter", `reference=${name}`)) !== "";
}
