/** Reads, turn by turn: in young processes, which are what most pods have, and in warm ones. */
import type { Contestant } from "./contestants.ts";
import { type Answered, type Load, load } from "./load.ts";
import type { Running } from "./servers.ts";

/** Two runs of the same server differ by a tenth and more on a shared machine; the medians of twelve do not. */
const YOUNG_PROCESSES = 12;
const WARM_ROUNDS = 12;
const SECONDS = 1;
const WARM_UP_SECONDS = 3;

export interface Round extends Answered {
  readonly cpuSeconds: number;
}

/** By contestant, one value a round. */
export type Rounds = ReadonlyMap<string, readonly Round[]>;

export type Connections = "kept" | "new";

export async function young(contestants: readonly Contestant[], connections: Connections): Promise<Rounds> {
  const rounds = noRounds(contestants);
  for (let count = 0; count < YOUNG_PROCESSES; count += 1) {
    for (const { name, start } of turned(contestants, count)) {
      const server = await start();
      rounds.get(name)?.push(await measured(server, { connections, seconds: SECONDS }));
      await server.stop();
    }
  }
  return rounds;
}

/** `paths` are read in turn. */
export async function warm(
  contestants: readonly Contestant[],
  connections: Connections,
  paths: readonly string[] = [],
): Promise<Rounds> {
  const rounds = noRounds(contestants);
  const servers = new Map<string, Running>();
  for (const { name, start } of contestants) servers.set(name, await start());
  const measure = async (name: string, seconds: number): Promise<Round> => {
    const server = servers.get(name);
    if (server === undefined) throw new Error(`${name} was not started`);
    return await measured(server, { connections, seconds, paths });
  };
  for (const { name } of contestants) await measure(name, WARM_UP_SECONDS);
  for (let count = 0; count < WARM_ROUNDS; count += 1) {
    for (const { name } of turned(contestants, count)) rounds.get(name)?.push(await measure(name, SECONDS));
  }
  for (const server of servers.values()) await server.stop();
  return rounds;
}

interface Measurement extends Pick<Load, "seconds" | "paths"> {
  readonly connections: Connections;
}

async function measured(server: Running, { connections, ...given }: Measurement): Promise<Round> {
  const { url, headers } = server;
  const cpuBefore = server.cpuSeconds();
  const answered = await load({ url, headers, keepAlive: connections === "kept", ...given });
  return { ...answered, cpuSeconds: server.cpuSeconds() - cpuBefore };
}

const noRounds = (contestants: readonly Contestant[]) => new Map(contestants.map(({ name }) => [name, [] as Round[]]));

/** Each round begins with another one. */
function turned<T>(items: readonly T[], round: number): readonly T[] {
  const first = round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
