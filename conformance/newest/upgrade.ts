/** A copy of the client programs whose packages are the newest that the registries have. */
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../processes.ts";
import { looseCargo, looseMaven, looseNpm, looseRequirements, newestGoModules } from "./manifests.ts";

/** Old generations: clients that are in the matrix because people still run them. */
export const KEPT: readonly string[] = ["java-v1.11"];

/** A registry that does not answer by then is not going to. */
const LIMIT_MS = 5 * 60_000;

interface Manifest {
  readonly name: RegExp;
  readonly upgrade: (path: string) => Promise<void>;
}

const manifests: readonly Manifest[] = [
  { name: /^requirements.*\.txt$/, upgrade: (path) => rewrite(path, looseRequirements) },
  { name: /^pom\.xml$/, upgrade: (path) => rewrite(path, (text) => looseMaven(text, KEPT)) },
  {
    name: /^package\.json$/,
    async upgrade(path) {
      await rewrite(path, looseNpm);
      await rm(join(dirname(path), "package-lock.json"), { force: true });
      await ask(dirname(path), "npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund");
    },
  },
  {
    name: /^Cargo\.toml$/,
    async upgrade(path) {
      await rewrite(path, looseCargo);
      await ask(dirname(path), "cargo", "update", "--quiet");
    },
  },
  {
    name: /^go\.mod$/,
    async upgrade(path) {
      const modules = newestGoModules(await readFile(path, "utf8"));
      if (modules.length === 0) return;
      await ask(dirname(path), "go", "get", ...modules);
      await ask(dirname(path), "go", "mod", "tidy");
    },
  },
];

/**
 * Copies the folder of all clients to another, and upgrades those programs whose folder is named. What comes from Debian
 * stays as it is: its newest is what is installed. Rejects with what a package manager says.
 */
export async function upgradedCopy(from: string, to: string, folders: ReadonlySet<string>): Promise<void> {
  await cp(from, to, { recursive: true });
  for (const folder of folders) {
    for (const entry of await readdir(join(to, folder), { recursive: true })) {
      const name = entry.split("/").at(-1) ?? "";
      await manifests.find((one) => one.name.test(name))?.upgrade(join(to, folder, entry));
    }
  }
}

async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, "utf8")));
}

async function ask(cwd: string, command: string, ...args: readonly string[]): Promise<void> {
  const env = Object.fromEntries(Object.entries(process.env).map(([key, value]) => [key, value ?? ""]));
  const { code, stdout, stderr } = await run(command, args, env, { cwd, limitMs: LIMIT_MS });
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
}
