import { type AttemptEvent, CredentialCache } from "../../src/cache/credential-cache.ts";
import { readHeaders } from "../../src/http/guards.ts";
import { type Read, Reads } from "../../src/http/reads.ts";
import type { Client, Protocol } from "../../src/policy/clients.ts";
import { MINUTE } from "../../src/time.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import type { FakeClock } from "./fake-clock.ts";

export interface KeptOptions {
  readonly clock: FakeClock;
  readonly upstream: Upstream;
  readonly random?: () => number;
  /** In ms; the defaults are the program's. */
  readonly minimumLifetime?: number;
  readonly margin?: number;
  readonly padding?: boolean;
  /** `SIDECAR_CLIENT`. */
  readonly client?: Client | undefined;
  readonly onAttempt?: (event: AttemptEvent) => void;
}

/** The real keeper and the real reads on a fake clock, without listeners. The credential cache is not started. */
export function keep({
  clock,
  upstream,
  random = () => 0.5,
  minimumLifetime = 25 * MINUTE,
  margin = MINUTE,
  padding = true,
  client,
  onAttempt = () => {},
}: KeptOptions) {
  const events = { onAttempt, onCoalesced: () => {} };
  const cache = new CredentialCache({
    identity: "default",
    upstream,
    minimumLifetime,
    margin,
    edge: { clock, random },
    events,
  });
  const reads = new Reads({ policy: { margin, padding }, client, now: clock.now, observer: { onRead: () => {} } });
  return { cache, reads };
}

/** A read of the document, by a client that the path names or none, and an agent or none. */
export function readOf(cache: CredentialCache, protocol: Protocol, client?: Client, agent?: string): Read {
  const headers = readHeaders(agent === undefined ? [] : ["User-Agent", agent]);
  const path = "/v1/credentials";
  return { cache, protocol, wants: "document", client, headers, path, opens: "every", headOnly: false };
}

/** A random source that gives `values` again and again. */
export function cycling(values: readonly number[]): () => number {
  let drawn = 0;
  return () => values[drawn++ % values.length] ?? 0.5;
}
