/** One round under one load: three stands, side by side, take turns. */
import { Load, type Sent, timed } from "./load.ts";
import { openServiceSetup, type ServiceSetup } from "./service-setup.ts";
import { type Run, type SetUp, setUps } from "./summary.ts";

export interface Round {
  readonly atOnce: number;
  /** Of each stand, before any is measured. */
  readonly warmUp: number;
  readonly turns: number;
  readonly requestsATurn: number;
}

interface Player {
  readonly setUp: SetUp;
  readonly setup: ServiceSetup;
  readonly load: Load;
  readonly sent: Sent[];
}

/** Turns are short, so that whatever else the machine does falls on all three alike. */
export async function performRound(round: Round): Promise<readonly Run[]> {
  const players: Player[] = [];
  try {
    for (const setUp of setUps) {
      const setup = await openServiceSetup(setUp);
      players.push({ setUp, setup, load: new Load(setup.url, round.atOnce), sent: [] });
    }
    for (const { load } of players) await load.send(round.warmUp);
    for (let turn = 0; turn < round.turns; turn += 1) {
      for (const { load, sent } of rotated(players, turn)) sent.push(await load.send(round.requestsATurn));
    }
    return await Promise.all(players.map((player) => runOf(player, round)));
  } finally {
    for (const { setup, load } of players) {
      await load.close();
      await setup.close();
    }
  }
}

/** Another one is first in each turn: what follows on a slow one differs from what follows on a fast one. */
function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const first = by % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

async function runOf({ setUp, setup, sent }: Player, { atOnce, warmUp, turns, requestsATurn }: Round): Promise<Run> {
  const requests = warmUp + turns * requestsATurn;
  return { setUp, atOnce, ...timed(sent), requests, ...(await setup.counts()) };
}
