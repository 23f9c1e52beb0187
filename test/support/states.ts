import type { Credentials } from "../../src/credentials.ts";
import type { KeeperState } from "../../src/keeper/keeper.ts";
import type { StatusInput } from "../../src/listeners/status.ts";
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

/** What a status is made from, at ten minutes past the epoch with a margin of a minute. */
export function statusInput(
  states: Readonly<Record<string, KeeperState>>,
  given: Partial<StatusInput> = {},
): StatusInput {
  const identities = new Map(Object.entries(states).map(([name, state]) => [name, { upstream: "scripted", state }]));
  return { now: EPOCH + 10 * MINUTE, margin: MINUTE, identities, storming: [], ...given };
}
