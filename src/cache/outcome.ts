/** What becomes of an attempt: is the answer taken, and when is the next try. Pure; times in ms by the wall clock. */
import type { Credentials } from "../credentials.ts";
import { type Outage, type Random, refreshAt, retryDelayMs, retryUnchangedAt } from "../policy/refresh-schedule.ts";
import { honestRemainingMs } from "../policy/reported-expiration.ts";
import { isFinal, UpstreamFailure } from "../upstream/failure.ts";

/** Credentials as they are held. Immutable: a renewal swaps the whole. */
export interface CachedCredentials {
  readonly credentials: Credentials;
  readonly obtainedAt: number;
  /** Counts the swaps; equal generations are equal answers. */
  readonly generation: number;
}

/** How an attempt ended. `unchanged` and `shorter` are answers that leave what is held. */
export type Outcome =
  | { readonly kind: "refreshed"; readonly cached: CachedCredentials }
  | { readonly kind: "unchanged"; readonly cached: CachedCredentials }
  | { readonly kind: "shorter"; readonly cached: CachedCredentials }
  | { readonly kind: "failed"; readonly failure: UpstreamFailure };

/** Whether an answer replaces what is held: nothing worse ever does. */
export function judge(
  credentials: Credentials,
  cached: CachedCredentials | undefined,
  now: number,
  marginMs: number,
): Outcome {
  if (honestRemainingMs(credentials, now, marginMs) <= 0) {
    const message = "upstream gave credentials whose lifetime is over, or this clock is ahead";
    return { kind: "failed", failure: new UpstreamFailure("expired", message) };
  }
  if (cached !== undefined && isSame(credentials, cached.credentials)) return { kind: "unchanged", cached };
  if (cached !== undefined && isShorter(credentials, cached.credentials)) return { kind: "shorter", cached };
  return { kind: "refreshed", cached: { credentials, obtainedAt: now, generation: (cached?.generation ?? 0) + 1 } };
}

export interface ScheduleInput {
  readonly outcome: Outcome;
  /** What is held after the attempt. */
  readonly cached: CachedCredentials | undefined;
  /** Failures since the last success, this one included. */
  readonly failures: number;
  readonly now: number;
  /** In ms. */
  readonly minimumLifetimeMs: number;
  readonly marginMs: number;
  readonly random: Random;
}

/** When upstream is asked next. */
export function nextRefreshAt(input: ScheduleInput): number {
  const { outcome, now, minimumLifetimeMs, random } = input;
  switch (outcome.kind) {
    case "refreshed":
      return refreshAt({ ...outcome.cached, minimumLifetimeMs, random });
    case "unchanged":
    case "shorter":
      return retryUnchangedAt(now, outcome.cached.credentials);
    case "failed":
      return now + retryDelayMs(outageOf(input, outcome.failure), random);
  }
}

function outageOf({ cached, failures, now, marginMs }: ScheduleInput, failure: UpstreamFailure): Outage {
  const remaining = cached === undefined ? 0 : honestRemainingMs(cached.credentials, now, marginMs);
  if (cached !== undefined && remaining > 0) {
    return { kind: "warm", remaining, length: expirationOf(cached.credentials) - cached.obtainedAt };
  }
  if (isFinal(failure)) return { kind: "final", failures, expired: cached !== undefined };
  return cached === undefined ? { kind: "cold", failures } : { kind: "expired" };
}

/** The secret too: a mistyped static key is corrected under the same access key ID. */
function isSame(a: Credentials, b: Credentials): boolean {
  return (
    a.accessKeyId === b.accessKeyId &&
    a.secretAccessKey === b.secretAccessKey &&
    a.sessionToken === b.sessionToken &&
    expirationOf(a) === expirationOf(b)
  );
}

/** Static keys that became temporary ones, or the reverse, are another set-up, not a worse answer. */
function isShorter(given: Credentials, cached: Credentials): boolean {
  if (given.lifetime.kind !== "until" || cached.lifetime.kind !== "until") return false;
  return given.lifetime.expiration < cached.lifetime.expiration;
}

function expirationOf({ lifetime }: Credentials): number {
  return lifetime.kind === "until" ? lifetime.expiration : Number.POSITIVE_INFINITY;
}
