/** The port that the system gave to a program which does not say it, from Linux' own tables (proc(5)). */
import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const TRIES = 100;
const BETWEEN_MS = 50;

export async function listeningPort(pid: number): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [sockets, table] = await Promise.all([socketsOf(pid), readFile(`/proc/${pid}/net/tcp`, "utf8")]);
    const port = listening(table, sockets);
    if (port !== undefined) return port;
    await sleep(BETWEEN_MS);
  }
  throw new Error(`process ${pid} does not listen`);
}

/** The inodes of its open sockets. */
async function socketsOf(pid: number): Promise<ReadonlySet<string>> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all((await readdir(folder)).map((name) => readlink(`${folder}/${name}`).catch(() => "")));
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

/** The port of the row in state 0A (listening) whose inode is among these. Pure. */
export function listening(table: string, inodes: ReadonlySet<string>): number | undefined {
  const rows = table.split("\n").map((line) => line.trim().split(/\s+/));
  const row = rows.find(([, , , state, , , , , , inode]) => state === "0A" && inodes.has(inode ?? ""));
  const [, port] = row?.[1]?.split(":") ?? [];
  return port === undefined ? undefined : Number.parseInt(port, 16);
}
