/** `npm run --silent notices`: the licences under which the bundle may carry what it carries. */
import { readdirSync, readFileSync } from "node:fs";
import { type RuntimePackage, runtimePackages } from "./runtime-packages.ts";

const root = new URL("..", import.meta.url);
const RULE = `\n\n${"-".repeat(80)}\n\n`;

function notice({ name, version, licence, folder }: RuntimePackage): string {
  const files = readdirSync(new URL(folder, root)).filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(new URL(`${folder}/${file}`, root), "utf8").trim());
  return [`${name} ${version} (${licence})`, ...texts].join("\n\n");
}

/** One text for all run-time dependencies, from the files that each package brings. */
export function notices(): string {
  const parts = runtimePackages(root).map(notice);
  return `${["The bundle contains code of these packages.", ...parts].join(RULE)}\n`;
}

if (import.meta.main) process.stdout.write(notices());
