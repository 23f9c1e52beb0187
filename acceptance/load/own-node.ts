/** Node as the first pod of a node finds it after a reboot: on the disk, and nowhere in memory. */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../conformance/processes.ts";

/** A copy of this Node in the folder, none of whose pages is in memory: who runs it first is charged for all of them. */
export async function ownNode(folder: string): Promise<string> {
  const path = join(folder, "node");
  await copyFile(process.execPath, path);
  await forgetPages(path);
  return path;
}

/** Writes what is dirty, then tells the kernel to forget the file's pages (dd(1): "Request to drop cache for whole file"). */
export async function forgetPages(path: string): Promise<void> {
  const args = [`of=${path}`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"];
  const { code, stderr } = await run("dd", args, {});
  if (code !== 0) throw new Error(stderr);
}
