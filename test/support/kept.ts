import { type AttemptEvent, Keeper } from "../../src/keeper/keeper.ts";
import type { Client, Protocol } from "../../src/lifetime/clients.ts";
import { MINUTE } from "../../src/lifetime/renewal.ts";
import { readHeaders } from "../../src/listeners/guards.ts";
import { type Read, Reads } from "../../src/listeners/reads.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import type { FakeClock } from "./fake-clock.ts";

export interface KeptOptions {
  readonly clock: FakeClock;
  readonly upstream: Upstream;
  readonly random?: () => number;
  /** In ms; the defaults are the program's. */
  readonly floor?: number;
  readonly margin?: number;
  readonly padding?: boolean;
  /** `SIDECAR_CLIENT`. */
  readonly client?: Client | undefined;
  readonly onAttempt?: (event: AttemptEvent) => void;
}

/** The real keeper and the real reads on a fake clock, without listeners. The keeper is not started. */
export function keep({
  clock,
  upstream,
  random = () => 0.5,
  floor = 25 * MINUTE,
  margin = MINUTE,
  padding = true,
  client,
  onAttempt = () => {},
}: KeptOptions) {
  const events = { onAttempt, onCoalesced: () => {} };
  const keeper = new Keeper({ identity: "default", upstream, floor, margin, edge: { clock, random }, events });
  const reads = new Reads({ policy: { margin, padding }, client, now: clock.now, observer: { onRead: () => {} } });
  return { keeper, reads };
}

/** A read of the document, by a client that the path names or none, and an agent or none. */
export function readOf(keeper: Keeper, protocol: Protocol, client?: Client, agent?: string): Read {
  const headers = readHeaders(agent === undefined ? [] : ["User-Agent", agent]);
  const path = "/v1/credentials";
  return { keeper, protocol, wants: "document", client, headers, path, opens: "every", headOnly: false };
}

/** A random source that gives `values` again and again. */
export function cycling(values: readonly number[]): () => number {
  let drawn = 0;
  return () => values[drawn++ % values.length] ?? 0.5;
}
