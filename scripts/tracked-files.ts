import { execFileSync } from "node:child_process";
import { lstatSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * The paths of the regular files that git knows or would add, relative to the repository's root. Symbolic links are left
 * out: they lead to files that are listed themselves.
 */
export function trackedFiles(root: URL): readonly string[] {
  // A job's container may run as another user than the one who owns the checkout, which git refuses otherwise.
  const options = ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = execFileSync("git", options, { cwd: fileURLToPath(root), encoding: "utf8" });
  return [...new Set(listed.split("\0"))].filter(
    (path) => path !== "" && (lstatSync(new URL(path, root), { throwIfNoEntry: false })?.isFile() ?? false),
  );
}
