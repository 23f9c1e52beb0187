/** This checkout, as somebody else would release it: with their names, and a changelog of the version. */
import { execFile } from "node:child_process";
import { appendFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { ReleaseNames } from "../../scripts/release-names.ts";
import { copyCheckout } from "../../scripts/tracked-files.ts";

const exec = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Makes the folder: a repository of one commit, with the packages that are installed here. */
export async function checkOut(folder: string, names: ReleaseNames): Promise<void> {
  mkdirSync(folder);
  copyCheckout(pathToFileURL(root), pathToFileURL(`${folder}/`));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const flags = Object.entries(names).flatMap(([name, value]) => [`--${name}`, String(value)]);
  await exec(process.execPath, ["scripts/names.ts", ...flags], { cwd: folder });
  appendFileSync(join(folder, "CHANGELOG.md"), `\n## [${names.version}] – 2026-01-01\n`);
  const author = ["-c", "user.name=Acme", "-c", "user.email=acme@example.test"];
  await exec("git", [...author, "commit", "--quiet", "--all", "--message", "release"], { cwd: folder });
}
