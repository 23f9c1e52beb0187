import { CredentialCache } from "../../src/cache/credential-cache.ts";
import type { CredentialCacheEvents } from "../../src/cache/events.ts";
import { readHeaders } from "../../src/http/guards.ts";
import { type Read, Reads } from "../../src/http/reads.ts";
import type { Client, Protocol } from "../../src/policy/clients.ts";
import { MINUTE } from "../../src/time.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import type { FakeClock } from "./fake-clock.ts";

export interface CacheFixtureOptions {
  readonly clock: FakeClock;
  readonly upstream: Upstream;
  readonly random?: () => number;
  /** In ms; the defaults are the program's. */
  readonly minimumLifetimeMs?: number;
  readonly marginMs?: number;
  readonly padding?: boolean;
  /** `SIDECAR_CLIENT`. */
  readonly client?: Client | undefined;
  readonly onAttempt?: CredentialCacheEvents["onAttempt"];
  readonly onExpired?: CredentialCacheEvents["onExpired"];
  readonly onRecovered?: CredentialCacheEvents["onRecovered"];
}

/** The real credential cache and the real reads on a fake clock, without listeners. The cache is not started. */
export function createCache({
  clock,
  upstream,
  random = () => 0.5,
  minimumLifetimeMs = 25 * MINUTE,
  marginMs = MINUTE,
  padding = true,
  client,
  onAttempt = () => {},
  onExpired = () => {},
  onRecovered = () => {},
}: CacheFixtureOptions) {
  const events = { onAttempt, onForced: () => {}, onCoalesced: () => {}, onExpired, onRecovered };
  const cache = new CredentialCache({
    identity: "default",
    upstream,
    minimumLifetimeMs,
    marginMs,
    edge: { clock, random },
    events,
  });
  const reads = new Reads({
    policy: { marginMs, padding },
    client,
    now: clock.now,
    observer: { onRead: () => {}, onRefused: () => {}, onLargeDocument: () => {} },
  });
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
