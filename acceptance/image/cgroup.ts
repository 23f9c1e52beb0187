/** What the kernel says of a container's memory, whichever version its cgroups have. In MiB. */
import { readFileSync } from "node:fs";
import { podman } from "./podman.ts";

export interface Memory {
  /** What only this container has. */
  readonly anonymous: () => number;
  /** Mapped pages of files, Node's own above all: shared by every container of the node that runs the same image. */
  readonly file: () => number;
  /** How often the kernel has killed for want of memory. */
  readonly killed: () => number;
}

const names = {
  first: { anonymous: "total_rss", killed: "memory.oom_control" },
  second: { anonymous: "anon", killed: "memory.events" },
} as const;

export async function memoryOf(container: string): Promise<Memory> {
  const pid = await podman("inspect", "--format", "{{.State.Pid}}", container);
  const cgroups = readFileSync(`/proc/${pid}/cgroup`, "utf8");
  const [, first] = /^\d+:memory:(.*)$/m.exec(cgroups) ?? [];
  const [, second] = /^0::(.*)$/m.exec(cgroups) ?? [];
  const folder = first === undefined ? `/sys/fs/cgroup${second}` : `/sys/fs/cgroup/memory${first}`;
  const { anonymous, killed } = first === undefined ? names.second : names.first;
  return {
    anonymous: () => number(`${folder}/memory.stat`, `${anonymous} `) / 1_048_576,
    // The cgroup knows only the pages that it was the first of all to touch.
    file: () => number(`/proc/${pid}/status`, "RssFile:\\s+", " kB") / 1_024,
    killed: () => number(`${folder}/${killed}`, "oom_kill "),
  };
}

function number(path: string, before: string, after = ""): number {
  const [, value] = new RegExp(`^${before}(\\d+)${after}$`, "m").exec(readFileSync(path, "utf8")) ?? [];
  if (value === undefined) throw new Error(`${path} has no ${before}`);
  return Number(value);
}
