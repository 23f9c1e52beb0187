/** What the image runs, without the image: the bundle, V8's compiled code of it, and Node's flags, from the Dockerfile. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Ignored by git. */
export const CACHE: string = pathOf(".cache/");
mkdirSync(CACHE, { recursive: true });

export const nodeFlags: readonly string[] = (() => {
  const [, entryPoint = "[]"] = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(pathOf("../Dockerfile"), "utf8")) ?? [];
  const [, ...args]: string[] = JSON.parse(entryPoint);
  return args.filter((arg) => arg.startsWith("--"));
})();

export interface Layout {
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Lays out `dist`, as the image's build does. */
export async function imageLayout(): Promise<Layout> {
  const folder = `${CACHE}app`;
  rmSync(folder, { recursive: true, force: true });
  cpSync(pathOf("../dist"), folder, { recursive: true });
  const env = { NODE_COMPILE_CACHE: `${folder}/compiled`, NODE_ENV: "production", TZ: "UTC" };
  const main = `${folder}/main.mjs`;
  await promisify(execFile)(process.execPath, [...nodeFlags, pathOf("../scripts/warm.js"), main], { env });
  return { main, env };
}
