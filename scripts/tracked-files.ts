import { execFileSync } from "node:child_process";
import { cpSync, lstatSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The paths that git knows or would add and that are there, symbolic links too, relative to the repository's root. */
function listedFiles(root: URL): readonly string[] {
  // A job's container may run as another user than the one who owns the checkout, which git refuses otherwise.
  const options = ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = execFileSync("git", options, { cwd: fileURLToPath(root), encoding: "utf8" });
  const paths = [...new Set(listed.split("\0"))].filter((path) => path !== "");
  return paths.filter((path) => lstatSync(new URL(path, root), { throwIfNoEntry: false }) !== undefined);
}

/** The regular files among them: symbolic links lead to files that are listed themselves. */
export function trackedFiles(root: URL): readonly string[] {
  return listedFiles(root).filter((path) => lstatSync(new URL(path, root)).isFile());
}

/** Copies the checkout, without what was installed or built, and makes the copy a repository with nothing committed. */
export function copyCheckout(root: URL, copy: URL): void {
  for (const path of listedFiles(root)) {
    cpSync(fileURLToPath(new URL(path, root)), fileURLToPath(new URL(path, copy)), { verbatimSymlinks: true });
  }
  for (const args of [
    ["init", "--quiet"],
    ["add", "--all"],
  ]) {
    execFileSync("git", args, { cwd: fileURLToPath(copy) });
  }
}
