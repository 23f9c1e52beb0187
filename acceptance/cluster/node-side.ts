/** A container as its node sees it: processes and cgroups, which nothing inside the cluster shows. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { eventually } from "../kubernetes/support/cluster.ts";
import type { Namespace } from "./aws-cluster.ts";

const STEP_BYTES = 512 * 1_024;

/** The first process of a container, by its id on this machine. */
export async function processOf(namespace: Namespace, pod: string, container: string): Promise<number> {
  const path = `{.status['containerStatuses','initContainerStatuses'][?(@.name=='${container}')].containerID}`;
  const id = (await namespace.kubectl("get", "pod", pod, `--output=jsonpath=${path}`))
    .trim()
    .replace("containerd://", "");
  const ids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && isOf(entry, id));
  const [first] = ids.map(Number).sort((a, b) => a - b);
  if (id === "" || first === undefined) throw new Error(`${pod} runs no ${container}`);
  return first;
}

function isOf(entry: string, id: string): boolean {
  try {
    return readFileSync(`/proc/${entry}/cgroup`, "utf8").includes(id);
  } catch {
    return false; // It has ended meanwhile.
  }
}

/** Looks until a process has ended, and tells whether it was seen to run when another did not any more. */
export async function isEverAlone(process: number, other: number): Promise<boolean> {
  let alone = false;
  await eventually(async () => {
    const beside = runs(other);
    const ended = !runs(process);
    alone ||= !(beside || ended);
    return ended;
  });
  return alone;
}

/** A zombie does not. */
function runs(process: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${process}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Leaves the container's cgroup no memory beyond what it has, so that the kernel kills in it when more is needed. */
export function starve(process: number): void {
  const cgroups = readFileSync(`/proc/${process}/cgroup`, "utf8");
  const [, first] = /^\d+:memory:(.*)$/m.exec(cgroups) ?? [];
  const [, second] = /^0::(.*)$/m.exec(cgroups) ?? [];
  if (first === undefined) writeFileSync(`/sys/fs/cgroup${second}/memory.max`, "1M");
  else tighten(`/sys/fs/cgroup/memory${first}`);
}

/** The first version of cgroups refuses a limit below what it cannot take back. */
function tighten(folder: string): void {
  const usage = Number(readFileSync(`${folder}/memory.usage_in_bytes`, "utf8"));
  try {
    for (let limit = usage; limit > 0; limit -= STEP_BYTES)
      writeFileSync(`${folder}/memory.limit_in_bytes`, `${limit}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
  }
}
