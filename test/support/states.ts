import type { CacheState } from "../../src/cache/options.ts";
import type { Credentials } from "../../src/credentials.ts";
import type { IdentityInput, StatusInput } from "../../src/status/status.ts";
import type { ClientSeen } from "../../src/telemetry/clients-seen.ts";
import { MINUTE } from "../../src/time.ts";
import { type FailureKind, UpstreamFailure } from "../../src/upstream/failure.ts";
import { EPOCH } from "./fake-clock.ts";
import { fakeCredentials } from "./upstreams.ts";

/** What a credential cache knows that obtained credentials at the epoch, for `lifetimeMs` or without an end. */
export function cachedState(lifetimeMs: number | undefined, given: Partial<Credentials> = {}): CacheState {
  const expiration = lifetimeMs === undefined ? undefined : EPOCH + lifetimeMs;
  return {
    cached: { credentials: fakeCredentials(expiration, given), obtainedAt: EPOCH, generation: 1 },
    failure: undefined,
    nextRefreshAt: EPOCH + 30 * MINUTE,
  };
}

export const loadingState: CacheState = { cached: undefined, failure: undefined, nextRefreshAt: undefined };

/** The same after an attempt that failed. */
export function failing(state: CacheState, message: string, kind: FailureKind = "denied"): CacheState {
  return { ...state, failure: new UpstreamFailure(kind, message), nextRefreshAt: EPOCH + 5 * MINUTE };
}

/** botocore, named, which just got 59 minutes. */
export function clientSeen(given: Partial<ClientSeen> = {}): ClientSeen {
  const now = EPOCH + 10 * MINUTE;
  return {
    identity: "default",
    protocol: "container",
    client: { name: "botocore", windows: { advisorySeconds: 900, mandatorySeconds: 600 }, advisorySeconds: 900 },
    version: undefined,
    lastReadAt: now,
    lastReadServed: true,
    reported: { at: now, expiration: now + 59 * MINUTE },
    readsPerMinute: [0, 1],
    ...given,
  };
}

/** What an identity's status is made from, at ten minutes past the epoch. */
export function identityInput(identity: string, cache: CacheState, given: Partial<IdentityInput> = {}): IdentityInput {
  const nothing = { configured: {}, outage: undefined, facts: {}, calls: [] };
  return { identity, servedAs: [identity], upstream: "scripted", cache, ...nothing, ...given };
}

/** What a status is made from, at ten minutes past the epoch with a margin of a minute. */
export function statusInput(
  states: Readonly<Record<string, CacheState>>,
  given: Partial<StatusInput> = {},
): StatusInput {
  const settings = { minimumLifetimeMs: 25 * MINUTE, marginMs: MINUTE, padding: true };
  return {
    hostname: "pod-1",
    startedAt: EPOCH - MINUTE,
    now: EPOCH + 10 * MINUTE,
    credentialsAt: ["127.0.0.1:9911"],
    settings,
    identities: Object.entries(states).map(([name, cache]) => identityInput(name, cache)),
    clients: [],
    refusals: [],
    drops: [],
    storming: [],
    stateFile: undefined,
    ...given,
  };
}
