/** What a kubelet changes on its machine beyond its folders, and how that is put back. */
import { existsSync } from "node:fs";
import { readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** kubelet, container manager: KernelTunables. */
const SETTINGS = [
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
  "vm/overcommit_memory",
  "vm/panic_on_oom",
];

/** Remembers the kernel's settings; what is returned writes them back. */
export async function restoringKernelSettings(): Promise<() => Promise<void>> {
  const files = SETTINGS.map((name) => join("/proc/sys", name)).filter((file) => existsSync(file));
  const values = await Promise.all(files.map(async (file) => [file, await readFile(file, "utf8")] as const));
  return async () => {
    for (const [file, value] of values) await writeFile(file, value).catch(() => {});
  };
}

/** The cgroups that a kubelet makes for its pods, in every hierarchy; the kernel keeps those that are in use. */
export async function removeCgroups(): Promise<void> {
  for (const hierarchy of await readdir("/sys/fs/cgroup"))
    await removeTree(join("/sys/fs/cgroup", hierarchy, "kubepods"));
}

async function removeTree(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  await rmdir(folder).catch(() => {});
}
