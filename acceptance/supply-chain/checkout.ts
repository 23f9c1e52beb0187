/** This checkout, as somebody else would release it: with their names, and a changelog of the version. */
import { execFile } from "node:child_process";
import { appendFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ReleaseNames } from "../../scripts/release-names.ts";

const exec = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** What is tracked, or would be; a job's container may not own the checkout, which git refuses otherwise. */
const COPY = `git -c safe.directory='*' ls-files -z --cached --others --exclude-standard |
  tar --create --null --files-from=- | tar --extract --directory "$1"`;

/** Makes the folder: a repository of one commit, with the packages that are installed here. */
export async function checkOut(folder: string, names: ReleaseNames): Promise<void> {
  mkdirSync(folder);
  await exec("bash", ["-o", "pipefail", "-c", COPY, "-", folder], { cwd: root });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const git = (...args: readonly string[]) => exec("git", args, { cwd: folder });
  await git("init", "--quiet");
  await git("add", "--all");
  const flags = Object.entries(names).flatMap(([name, value]) => [`--${name}`, String(value)]);
  await exec(process.execPath, ["scripts/names.ts", ...flags], { cwd: folder });
  appendFileSync(join(folder, "CHANGELOG.md"), `\n## [${names.version}] – 2026-01-01\n`);
  const author = ["-c", "user.name=Acme", "-c", "user.email=acme@example.test"];
  await git(...author, "commit", "--quiet", "--all", "--message", "release");
}
