/** What one more process costs: private memory, and the time until it is ready. */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Contestant } from "./contestants.ts";
import { read } from "./document.ts";
import { median } from "./figures.ts";
import { load } from "./load.ts";
import type { Running } from "./servers.ts";
import { rounded } from "./summary.ts";

const START_ROUNDS = 15;
const MEMORY_ROUNDS = 3;
const IDLE_MS = 5_000;
const FLOOD_SECONDS = 3;
const FLOOD_CONNECTIONS = 64;
const IDLE_CLIENTS = 5_000;
/** Memory is read so often while a flood lasts. */
const SAMPLE_MS = 20;

export interface StartRow {
  readonly server: string;
  readonly readyMs: number;
  readonly readyCpuMs: number;
  /** Over bare node's of the same round. */
  readonly ratio: number;
  readonly cpuRatio: number;
}

/** The first of `contestants` is what the others are compared with. */
export async function measureStarts(contestants: readonly Contestant[]): Promise<readonly StartRow[]> {
  const found = new Map(contestants.map(({ name }) => [name, [] as Running[]]));
  for (let round = 0; round < START_ROUNDS; round += 1) {
    for (const { name, start } of round % 2 === 0 ? contestants : contestants.toReversed()) {
      const server = await start();
      await server.stop();
      found.get(name)?.push(server);
    }
  }
  const [first = []] = found.values();
  return [...found].map(([server, starts]) => {
    const over = (value: (start: Running) => number) =>
      rounded(median(starts.map((one, round) => value(one) / value(first[round] ?? one))));
    return {
      server,
      readyMs: Math.round(median(starts.map(({ readyMs }) => readyMs))),
      readyCpuMs: Math.round(median(starts.map(({ readyCpuMs }) => readyCpuMs))),
      ratio: over(({ readyMs }) => readyMs),
      cpuRatio: over(({ readyCpuMs }) => readyCpuMs),
    };
  });
}

/** In MB. */
export interface MemoryRow {
  readonly server: string;
  readonly idle: number;
  readonly kept: number;
  readonly fresh: number;
  readonly idleClients: number;
}

export async function measureMemory(contestants: readonly Contestant[]): Promise<readonly MemoryRow[]> {
  const rows: MemoryRow[] = [];
  for (const contestant of contestants) {
    const found: Omit<MemoryRow, "server">[] = [];
    for (let round = 0; round < MEMORY_ROUNDS; round += 1) found.push(await memoryOf(contestant));
    const middle = (value: (row: Omit<MemoryRow, "server">) => number) =>
      Math.round(median(found.map(value)) * 10) / 10;
    rows.push({
      server: contestant.name,
      idle: middle(({ idle }) => idle),
      kept: middle(({ kept }) => kept),
      fresh: middle(({ fresh }) => fresh),
      idleClients: middle(({ idleClients }) => idleClients),
    });
  }
  return rows;
}

async function memoryOf({ start }: Contestant): Promise<Omit<MemoryRow, "server">> {
  const server = await start();
  const idle = await idleMb(server);
  const kept = await most(server, () => flood(server, true));
  const fresh = await most(server, () => flood(server, false));
  const idleClients = await most(server, () => idleFor(server));
  await server.stop();
  return { idle, kept, fresh, idleClients };
}

/** After what a pod's sidecar is asked at least. */
export async function idleMb({ url, headers, admin, privateMb }: Running): Promise<number> {
  await read(url, headers);
  if (admin !== undefined) await read(`${admin}/metrics`);
  await sleep(IDLE_MS);
  return privateMb();
}

async function flood({ url, headers }: Running, keepAlive: boolean): Promise<void> {
  await load({ url, headers, seconds: FLOOD_SECONDS, keepAlive, connections: FLOOD_CONNECTIONS });
}

/** Each reads once, and keeps its connection for as long as it may. */
async function idleFor({ url, headers }: Running): Promise<void> {
  const { hostname, port, host, pathname } = new URL(url);
  const request = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`;
  const sockets: Socket[] = [];
  for (let count = 0; count < IDLE_CLIENTS; count += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.once("data", () => resolve()).once("close", () => resolve());
    socket.on("error", () => socket.destroy());
    sockets.push(socket);
    await promise;
  }
  await sleep(SAMPLE_MS * 2);
  for (const socket of sockets) socket.destroy();
}

async function most({ privateMb }: Running, work: () => Promise<void>): Promise<number> {
  let found = privateMb();
  const sampling = setInterval(() => {
    found = Math.max(found, privateMb());
  }, SAMPLE_MS);
  try {
    await work();
    return Math.max(found, privateMb());
  } finally {
    clearInterval(sampling);
  }
}
