/** Base images made here, of Debian packages and the Node of this checkout, for where no registry is reached. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, cache, hasImage, podman } from "./podman.ts";

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** For `npm ci` inside the build; the npm of this machine may be of any age and laid out in any way. */
const NPM = "npm@11.19.1";

/** Debian's smallest installation with more packages on top; made once, and kept. The image's name. */
export async function debianBase(packages: readonly string[]): Promise<string> {
  const name = `localhost/debian:bookworm-${digest(packages.join())}`;
  if (await hasImage(name)) return name;
  const tree = `${cache}debian-${process.pid}`;
  try {
    await run("debootstrap", ["--variant=minbase", `--include=${packages.join()}`, "bookworm", tree]);
    const archive = `${tree}.tar`;
    await run("tar", [
      "-C",
      tree,
      "--exclude=./var/cache/apt/*",
      "--exclude=./var/lib/apt/lists/*",
      "-cf",
      archive,
      ".",
    ]);
    await podman("import", "--quiet", archive, name);
  } finally {
    rmSync(tree, { recursive: true, force: true });
    rmSync(`${tree}.tar`, { force: true });
  }
  return name;
}

/** What Node is linked against, and the certificates that it trusts when asked to. */
export const NODE_NEEDS = ["ca-certificates", "libatomic1", "libstdc++6", "tzdata"];

export interface Bases {
  /** Node, npm and a shell. */
  readonly build: string;
  /** Node, and nothing that could be run beside it. */
  readonly runtime: string;
}

/** The two bases that the Dockerfile takes as arguments. */
export async function bases(): Promise<Bases> {
  const DEBIAN = await debianBase(NODE_NEEDS);
  // The package of the Node that runs this: its folder has bin/node.
  const node = dirname(dirname(realpathSync(process.execPath)));
  const contexts = { node, npm: await npm(), trust: await trust() };
  const NPM_REGISTRY = (await run("npm", ["config", "get", "registry"])).stdout.trim();
  return {
    build: await base("build", { DEBIAN, NPM_REGISTRY }, contexts),
    runtime: await base("runtime", { DEBIAN }, { node }),
  };
}

type Named = Readonly<Record<string, string>>;

async function base(kind: keyof Bases, args: Named, contexts: Named): Promise<string> {
  const file = here(`bases/${kind}.Dockerfile`);
  const name = `localhost/node-${kind}:${digest(readFileSync(file, "utf8"), JSON.stringify(args), process.version)}`;
  if (await hasImage(name)) return name;
  const options = [
    ...Object.entries(args).map(([key, value]) => `--build-arg=${key}=${value}`),
    ...Object.entries(contexts).map(([key, value]) => `--build-context=${key}=${value}`),
  ];
  await build("--quiet", "--file", file, "--tag", name, ...options, here("bases"));
  return name;
}

async function npm(): Promise<string> {
  const folder = `${cache}npm`;
  await run("npm", ["install", "--silent", "--no-save", "--ignore-scripts", "--prefix", folder, NPM]);
  return folder;
}

/** The certificates that this machine's npm was told to trust beside Node's own, if any. */
async function trust(): Promise<string> {
  const folder = `${cache}trust`;
  mkdirSync(folder, { recursive: true });
  const { NODE_EXTRA_CA_CERTS: path } = process.env;
  writeFileSync(`${folder}/certificates.pem`, path ? readFileSync(path) : "");
  return folder;
}

/** Twelve hexadecimal digits that change with the contents. */
export function digest(...contents: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const content of contents) hash.update(content).update("\0");
  return hash.digest("hex").slice(0, 12);
}
