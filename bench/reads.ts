/** Reads of credentials that are in memory: throughput, CPU and latency, on kept and on new connections. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type Document, startBoth } from "./document.ts";
import type { Figure } from "./figures.ts";
import type { Load, LoadResult } from "./load.ts";
import type { Running } from "./servers.ts";

/** Two processes with the same program differ by some percent all their life, so there are several of each. */
const PAIRS = 4;
/** Many short rounds: the two values of a round are to meet the same machine. */
const ROUNDS_PER_PAIR = 7;
const SECONDS = 0.6;
const WARM_UP_SECONDS = 1.5;
const CONNECTIONS = 16;

export interface ReadFigures {
  readonly figures: readonly Figure[];
  /** The share of a core that each server had under load: well below 1 means that the generator was the limit. */
  readonly busy: Readonly<Record<string, number>>;
}

export async function measureReads(document: Document): Promise<ReadFigures> {
  const generator = fork(new URL("load.ts", import.meta.url), { env: {} });
  generator.once("exit", (code) => {
    if (code !== null) throw new Error(`the load generator ended (${code})`);
  });
  const [kept, fresh]: [Rounds, Rounds] = [noRounds(), noRounds()];
  const memory: { bare: number[]; sidecar: number[] } = { bare: [], sidecar: [] };
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const servers = await startBoth(document);
    await alternate({ ...servers, generator }, true, kept);
    await alternate({ ...servers, generator }, false, fresh);
    for (const name of ["bare", "sidecar"] as const) memory[name].push(servers[name].privateMb());
    await Promise.all([servers.bare.stop(), servers.sidecar.stop()]);
  }
  generator.kill();
  return {
    figures: [
      ...figuresOf(kept, "keep-alive"),
      ...figuresOf(fresh, "new connections"),
      { name: "memory after the load", unit: "MB", ...memory, target: { kind: "none" } },
    ],
    busy: { "keep-alive": busyShare(kept), "new connections": busyShare(fresh) },
  };
}

interface Loaded extends LoadResult {
  readonly cpuSeconds: number;
}

interface Rounds {
  readonly bare: Loaded[];
  readonly sidecar: Loaded[];
}

function noRounds(): Rounds {
  return { bare: [], sidecar: [] };
}

interface Processes {
  readonly bare: Running;
  readonly sidecar: Running;
  readonly generator: ChildProcess;
}

/** Adds to `rounds`. Each begins with the other server. */
async function alternate(processes: Processes, keepAlive: boolean, rounds: Rounds): Promise<void> {
  const { generator } = processes;
  for (const server of [processes.bare, processes.sidecar]) await load(generator, server, keepAlive, WARM_UP_SECONDS);
  for (let round = 0; round < ROUNDS_PER_PAIR; round += 1) {
    for (const name of round % 2 === 0 ? (["bare", "sidecar"] as const) : (["sidecar", "bare"] as const)) {
      rounds[name].push(await load(generator, processes[name], keepAlive, SECONDS));
    }
  }
}

async function load(generator: ChildProcess, server: Running, keepAlive: boolean, seconds: number): Promise<Loaded> {
  const order: Load = { url: server.url, seconds, connections: CONNECTIONS, keepAlive };
  const cpuBefore = server.cpuSeconds();
  generator.send(order);
  const [result]: LoadResult[] = await once(generator, "message");
  if (result === undefined || result.failed > 0) throw new Error(`reads failed: ${JSON.stringify(result)}`);
  return { ...result, cpuSeconds: server.cpuSeconds() - cpuBefore };
}

function figuresOf({ bare, sidecar }: Rounds, how: string): readonly Figure[] {
  const figure = (name: string, unit: string, value: (load: Loaded) => number, target: Figure["target"]): Figure => ({
    name: `${name}, ${how}`,
    unit,
    bare: bare.map(value),
    sidecar: sidecar.map(value),
    target,
  });
  const fast = { kind: "at-least", ratio: 0.85 } as const;
  return [
    figure("reads", "per second", ({ answered, seconds }) => answered / seconds, fast),
    // What is left of the ratio when a generator that is slower than the server hides it.
    figure("reads", "per second of CPU", ({ answered, cpuSeconds }) => answered / cpuSeconds, fast),
    figure("p99 latency", "ms", ({ p99Ms }) => p99Ms, { kind: "at-most", ratio: 1.3 }),
  ];
}

function busyShare({ bare, sidecar }: Rounds): number {
  const all = [...bare, ...sidecar];
  const sum = (value: (load: Loaded) => number) => all.reduce((total, load) => total + value(load), 0);
  return sum(({ cpuSeconds }) => cpuSeconds) / sum(({ seconds }) => seconds);
}
