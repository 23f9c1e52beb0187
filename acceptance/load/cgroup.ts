/** A memory cgroup as a container's, and what the kernel accounts in it. Needs root. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";

/** In bytes. */
export interface Charged {
  /** Memory that only this process has. */
  readonly anonymous: number;
  /** What the kernel holds for the sockets: unread answers, and requests that were not read. */
  readonly sockets: number;
  /** As the kubelet reports it, and evicts by it: everything but inactive pages of files. */
  readonly workingSet: number;
  /** Pages of files, which the cgroup was the first of all to read. */
  readonly files: number;
}

export interface Cgroup extends Disposable {
  readonly path: string;
  readonly charged: () => Charged;
  readonly killed: () => number;
  /** How often a page of a file had to be read from the disk. */
  readonly majorFaults: () => number;
}

/** The first version counts sockets apart. */
export function createCgroup(limitMib: number): Cgroup {
  const name = `sidecar-load-${process.pid}-${Date.now()}`;
  const limit = limitMib * 1_048_576;
  const first = "/sys/fs/cgroup/memory";
  const isFirst = existsSync(`${first}/memory.limit_in_bytes`);
  const path = `${isFirst ? first : "/sys/fs/cgroup"}/${name}`;
  if (!isFirst) writeFileSync("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
  mkdirSync(path);
  writeFileSync(`${path}/${isFirst ? "memory.limit_in_bytes" : "memory.max"}`, `${limit}`);
  // Sockets are counted from the moment that they have a limit.
  if (isFirst) writeFileSync(`${path}/memory.kmem.tcp.limit_in_bytes`, `${limit * 4}`);
  const read = (file: string) => readFileSync(`${path}/${file}`, "utf8");
  const stat = (field: string) => Number(new RegExp(`^${field} (\\d+)$`, "m").exec(read("memory.stat"))?.[1]);
  return {
    path,
    charged: () => (isFirst ? chargedOfFirst(read, stat) : chargedOfSecond(read, stat)),
    killed: () => {
      const events = read(isFirst ? "memory.oom_control" : "memory.events");
      return Number(/^oom_kill (\d+)$/m.exec(events)?.[1]);
    },
    majorFaults: () => stat(isFirst ? "total_pgmajfault" : "pgmajfault"),
    [Symbol.dispose]: () => rmdirSync(path),
  };
}

type Read = (name: string) => string;
type Stat = (field: string) => number;

function chargedOfFirst(read: Read, stat: Stat): Charged {
  const sockets = Number(read("memory.kmem.tcp.usage_in_bytes"));
  return {
    anonymous: stat("total_rss"),
    sockets,
    workingSet: Number(read("memory.usage_in_bytes")) + sockets - stat("total_inactive_file"),
    files: stat("total_cache"),
  };
}

function chargedOfSecond(read: Read, stat: Stat): Charged {
  return {
    anonymous: stat("anon"),
    sockets: stat("sock"),
    workingSet: Number(read("memory.current")) - stat("inactive_file"),
    files: stat("file"),
  };
}
