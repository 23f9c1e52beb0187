/** When upstream is asked again after an attempt. Pure; instants by the wall clock. */
import type { Random } from "../policy/random.ts";
import { refreshAt, retryUnchangedAt } from "../policy/refresh-schedule.ts";
import { honestRemainingMs } from "../policy/reported-expiration.ts";
import {
  type Callers,
  earlyRetryAfterMs,
  type Outage,
  retryDelayMs,
  throttledDelayMs,
  type Wait,
} from "../policy/retry-schedule.ts";
import { isRecent } from "../time.ts";
import { isFinal, type UpstreamFailure } from "../upstream/failure.ts";
import type { CachedCredentials } from "./cached-credentials.ts";
import type { Outcome } from "./outcome.ts";

/** The state that the time of the next attempt depends on. */
export interface Standing {
  /** What is cached after the last attempt. */
  readonly cached: CachedCredentials | undefined;
  /** Failures since the last success. */
  readonly failures: number;
  /** How long ago the first of them began; meaningless when `failures` is 0. */
  readonly failingForMs: number;
  readonly now: number;
  /** Who calls this upstream. */
  readonly callers: Callers;
  readonly minimumLifetimeMs: number;
  readonly marginMs: number;
}

export interface NextRefreshInput extends Standing {
  readonly outcome: Outcome;
  /** True when the attempt before this one failed. */
  readonly afterFailures: boolean;
  readonly isForced: boolean;
  readonly random: Random;
}

/** When the next attempt is due. */
export function nextRefreshAt(input: NextRefreshInput): number {
  const { outcome, cached, afterFailures, isForced, now, minimumLifetimeMs, random } = input;
  switch (outcome.kind) {
    case "refreshed": {
      // A fleet starts, recovers from an outage, and is told to refresh, in the same minute.
      const isHerd = outcome.cached.generation === 1 || afterFailures || isForced;
      return refreshAt({ ...outcome.cached, minimumLifetimeMs, spread: isHerd ? "wide" : "narrow", random });
    }
    case "unchanged":
    case "shorter":
      return retryUnchangedAt(now, (cached ?? outcome.cached).credentials, random);
    case "failed":
      return now + failedDelayMs(input, outcome.failure);
  }
}

function failedDelayMs(input: NextRefreshInput, failure: UpstreamFailure): number {
  const delayMs = retryDelayMs(outageOf(input, failure), input.random);
  return isThrottled(failure) ? Math.max(delayMs, throttledDelayMs(failure.retryAfterMs, input.random)) : delayMs;
}

function isThrottled({ kind, retryAfterMs }: UpstreamFailure): boolean {
  return kind === "throttled" || retryAfterMs !== undefined;
}

/** The wait after an attempt that ended at `endedAt`, until `nextAt`; undefined when there is none. */
export function waitAfter(failure: UpstreamFailure | undefined, endedAt = 0, nextAt = endedAt): Wait {
  return { lengthMs: nextAt - endedAt, throttled: failure !== undefined && isThrottled(failure) ? failure : undefined };
}

/** Whether a read that found nothing brings the next attempt, due at `nextAt`, forward; the last ended at `endedAt`. */
export function mayRetryEarly(
  standing: Standing,
  failure: UpstreamFailure | undefined,
  { endedAt, nextAt }: { readonly endedAt: number | undefined; readonly nextAt: number | undefined },
): boolean {
  const outage = failure === undefined ? undefined : outageOf(standing, failure);
  return !isRecent(endedAt, standing.now, earlyRetryAfterMs(outage, waitAfter(failure, endedAt, nextAt)));
}

/** The kind of outage that a failure belongs to. */
export function outageOf(
  { cached, failures, failingForMs, now, callers, marginMs }: Standing,
  failure: UpstreamFailure,
): Outage {
  const remainingMs = cached === undefined ? 0 : honestRemainingMs(cached.credentials, now, marginMs);
  if (cached !== undefined && remainingMs > 0) {
    const { lifetime } = cached.credentials;
    if (lifetime.kind !== "until") return { kind: "open-ended", failures };
    return { kind: "warm", remainingMs, lifetimeMs: lifetime.expiration - cached.obtainedAt };
  }
  if (isFinal(failure)) return { kind: "final", failures, expired: cached !== undefined };
  return cached === undefined ? { kind: "cold", failures, failingForMs, callers } : { kind: "expired" };
}
