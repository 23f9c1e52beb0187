/** A container as its node sees it: processes and cgroups, which nothing inside the cluster shows. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Namespace } from "./aws-cluster.ts";

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

/** Makes the kernel choose this process when the memory of its cgroup is used up. */
export function chooseForKilling(process: number): void {
  writeFileSync(`/proc/${process}/oom_score_adj`, "1000");
}
