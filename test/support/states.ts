import type { Credentials } from "../../src/credentials.ts";
import type { KeeperState } from "../../src/keeper/keeper.ts";
import type { StatusInput } from "../../src/listeners/status.ts";
import type { ClientSeen } from "../../src/telemetry/clients-seen.ts";
import { type FailureKind, UpstreamFailure } from "../../src/upstream/failure.ts";
import { EPOCH } from "./fake-clock.ts";
import { fakeCredentials } from "./upstreams.ts";

const MINUTE = 60_000;

/** What a keeper knows that obtained credentials at the epoch, for `lifetimeMs` or without an end. */
export function heldState(lifetimeMs: number | undefined, given: Partial<Credentials> = {}): KeeperState {
  const expiration = lifetimeMs === undefined ? undefined : EPOCH + lifetimeMs;
  return {
    held: { credentials: fakeCredentials(expiration, given), obtainedAt: EPOCH, generation: 1 },
    failure: undefined,
    nextTryAt: EPOCH + 30 * MINUTE,
  };
}

export const loadingState: KeeperState = { held: undefined, failure: undefined, nextTryAt: undefined };

/** The same after an attempt that failed. */
export function failing(state: KeeperState, message: string, kind: FailureKind = "denied"): KeeperState {
  return { ...state, failure: new UpstreamFailure(kind, message), nextTryAt: EPOCH + 5 * MINUTE };
}

/** botocore, named, which was just told 59 minutes. */
export function clientSeen(given: Partial<ClientSeen> = {}): ClientSeen {
  const now = EPOCH + 10 * MINUTE;
  return {
    identity: "default",
    protocol: "container",
    reader: { label: "botocore", thresholds: { asks: 900, insists: 600 }, asks: 900 },
    version: undefined,
    lastReadAt: now,
    told: { at: now, expiration: now + 59 * MINUTE },
    readsPerMinute: [0, 1],
    ...given,
  };
}

/** What a status is made from, at ten minutes past the epoch with a margin of a minute. */
export function statusInput(
  states: Readonly<Record<string, KeeperState>>,
  given: Partial<StatusInput> = {},
): StatusInput {
  const identities = new Map(
    Object.entries(states).map(([name, state]) => [name, { upstream: "scripted", state, calls: [], facts: {} }]),
  );
  const settings = { floor: 25 * MINUTE, margin: MINUTE, padding: true };
  const nothing = { clients: [], refusals: [], storming: [] };
  return { now: EPOCH + 10 * MINUTE, ...settings, identities, ...nothing, ...given };
}
