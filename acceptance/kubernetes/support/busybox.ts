import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../conformance/processes.ts";

/** A folder in which every command is busybox's, as in the image of the init steps. */
export async function busyboxPath(folder: string): Promise<string> {
  const path = join(folder, "busybox");
  mkdirSync(path);
  const { code, stderr } = await run("busybox", ["--install", "-s", path], {});
  if (code !== 0) throw new Error(`busybox is missing: run acceptance/kubernetes/install.sh\n${stderr}`);
  return path;
}
