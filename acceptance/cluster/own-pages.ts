/** Node's program in the images of the node, as it is after a reboot. */
import { globSync } from "node:fs";
import { forgetPages } from "../load/own-node.ts";
import type { NodeCluster } from "./cluster.ts";

/** Writes to the disk and forgets: the first pod that runs it is charged for its pages. Needs that no pod runs it yet. */
export async function forgetNode({ folder }: NodeCluster): Promise<void> {
  const found = globSync(`${folder}/containerd/root/*.overlayfs/snapshots/*/fs/nodejs/bin/node`);
  if (found.length === 0) throw new Error("no image has Node");
  for (const path of found) await forgetPages(path);
}
