/**
 * `npm run names -- --image ghcr.io/owner/name --charts oci://… --package … --repository https://… --version …
 * --digest sha256:…`: under which names this is released. Each flag is optional; what is given is written to package.json
 * and to every tracked file that has the old name. Without flags it prints the names.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { forms, type ReleaseNames, releaseNames, renamed, renamedChart } from "./release-names.ts";
import { trackedFiles } from "./tracked-files.ts";

const root = new URL("..", import.meta.url);
const from = releaseNames(root);
const names = Object.keys(forms) as (keyof ReleaseNames)[];
const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: "string" } as const])) });

for (const name of names) {
  const value = values[name];
  if (typeof value === "string" && !forms[name].pattern.test(value))
    throw new Error(`--${name} "${value}": not allowed; an example: ${forms[name].example}`);
}
const to = { ...from, ...values } as ReleaseNames;
if (Object.keys(values).length > 0) rewrite(to);
console.log(JSON.stringify(to, null, 2));

function rewrite(names: ReleaseNames): void {
  for (const path of trackedFiles(root).filter(hasNames)) {
    const file = new URL(path, root);
    const text = readFileSync(file, "utf8");
    const rewritten = path.startsWith("deploy/helm/") ? renamedChart(text, from, names) : renamed(text, from, names);
    if (rewritten !== text) writeFileSync(file, rewritten);
  }
  writePackage(names);
}

/** The lock file is npm's. */
function hasNames(path: string): boolean {
  return /\.(?:md|json|ya?ml|ts|tpl|txt)$/.test(path) && path !== "package-lock.json";
}

function writePackage({ version, image, charts, package: name, repository }: ReleaseNames): void {
  for (const path of ["package.json", "package-lock.json"]) {
    const file = new URL(path, root);
    const json = JSON.parse(readFileSync(file, "utf8"));
    json.version = version;
    if (json.packages !== undefined) json.packages[""].version = version;
    if (path === "package.json") json.config = { image, charts, package: name, repository };
    writeFileSync(file, `${JSON.stringify(json, null, 2)}\n`);
  }
}
