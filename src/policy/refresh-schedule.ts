/** When to refresh, and when to retry. Pure; instants are in ms by the wall clock. */
import type { Credentials } from "../credentials.ts";
import { HOUR, MINUTE, SECOND } from "../time.ts";

/** However long a session lasts, its role, policy or account may change, so it is refreshed after this at the latest. */
const LONGEST_WAIT_MS = 6 * HOUR;

/**
 * A refresh is due within this share of the delay before its latest moment. A fleet that obtained its sessions in the
 * same minute is spread over nearly a whole delay once; from then on a fifth keeps it spread.
 */
const SPREAD = { wide: 0.9, narrow: 0.2 } as const;
export type Spread = keyof typeof SPREAD;

/** A caching upstream (IMDS, kiam, another agent) is not asked again sooner than this. */
const UNCHANGED_RETRY_MIN_MS = MINUTE;

/**
 * Keys whose end is unknown are read again this often: a file or an environment costs nothing to read, and a session may
 * be replaced at any time. Static keys that a program prints are not worth running it each minute.
 */
const REREAD_MS = MINUTE;
const REREAD_PROGRAM_MS = 30 * MINUTE;
const REREAD_FAILED_MAX_MS = 5 * MINUTE;

/**
 * The cold schedule: fast enough for the seconds in which an agent on a new node comes up, and no longer. Forty calls in
 * the first two minutes and one a minute after that are 98 in the first hour.
 */
const COLD_FIRST_MS = 200;
const COLD_MAX_MS = 10 * SECOND;
const COLD_FAST_FOR_MS = 2 * MINUTE;
const COLD_FAST_CALLS = 40;
const COLD_SLOW_MIN_MS = MINUTE;
const COLD_SLOW_MAX_MS = 1.5 * MINUTE;

/**
 * The warm schedule. An eighth to a quarter of what is left, and not below a minute (sessions of 15 minutes) or two (half
 * an hour and more), keeps the worst case at 19 calls in the first hour of an outage: sessions of about 100 minutes,
 * which then end within that hour.
 */
const WARM_SHARE_MIN = 1 / 8;
const WARM_SHARE_MAX = 1 / 4;
const WARM_MIN_MS = 5 * SECOND;
const WARM_MIN_SHARE_OF_LIFETIME = 1 / 15;
const WARM_MIN_MAX_MS = 2 * MINUTE;
const WARM_MAX_MS = 5 * MINUTE;

/** Nothing left to serve: as fast as ten thousand pods may ask an STS that lets 600 requests a second pass. */
const EXPIRED_MIN_MS = 30 * SECOND;
const EXPIRED_MAX_MS = MINUTE;

/** IAM is eventually consistent: a denial passes within seconds when a policy was just attached. */
const FINAL_FIRST_MS = 5 * SECOND;
const FINAL_MAX_MS = 5 * MINUTE;
const FINAL_JITTER = 0.1;

/** An upstream that throttles is left alone for as long as it asks, within these bounds. */
const THROTTLED_MIN_MS = 5 * SECOND;
const THROTTLED_MAX_MS = 5 * MINUTE;

/** Reads that find nothing bring the next attempt forward, at most to 90 attempts an hour. */
const EARLY_RETRY_MS = 40 * SECOND;

/** A number in [0, 1). */
export type Random = () => number;

export interface RefreshInput {
  readonly credentials: Credentials;
  readonly obtainedAt: number;
  /** The real lifetime that every answer should still have (`SIDECAR_MINIMUM_LIFETIME`). */
  readonly minimumLifetimeMs: number;
  /** `wide` where a whole fleet may have obtained its credentials at this moment: after a start and after an outage. */
  readonly spread: Spread;
  readonly random: Random;
}

/**
 * When to ask upstream for the next credentials: at the latest when the real remaining lifetime falls to the larger of
 * half the lifetime and the minimum lifetime, but that is never before a third of the lifetime has passed, nor more than
 * 6 h ahead. One hour: at 30 min. 15 min: at 5 min. 12 h: at 6 h. Chance brings it forward, never back.
 */
export function refreshAt({ credentials, obtainedAt, minimumLifetimeMs, spread, random }: RefreshInput): number {
  const { lifetime } = credentials;
  if (lifetime.kind !== "until") return obtainedAt + rereadDelayMs(credentials, random);
  const lifetimeMs = Math.max(0, lifetime.expiration - obtainedAt);
  return obtainedAt + latestDelayMs(lifetimeMs, minimumLifetimeMs) * (1 - SPREAD[spread] * random());
}

function latestDelayMs(lifetimeMs: number, minimumLifetimeMs: number): number {
  const whenDueMs = lifetimeMs - Math.max(lifetimeMs / 2, minimumLifetimeMs);
  return Math.min(Math.max(whenDueMs, lifetimeMs / 3), LONGEST_WAIT_MS);
}

function rereadDelayMs({ lifetime, fromProgram }: Credentials, random: Random): number {
  const delayMs = fromProgram && lifetime.kind === "unlimited" ? REREAD_PROGRAM_MS : REREAD_MS;
  return delayMs * (1 - SPREAD.narrow * random());
}

/** The least real lifetime, in ms, that is served from an upstream that answers: just before the latest refresh. */
export function leastRemainingMs(lifetimeMs: number, minimumLifetimeMs: number): number {
  return lifetimeMs - latestDelayMs(lifetimeMs, minimumLifetimeMs);
}

/**
 * When to ask a caching upstream again that returned the cached credentials: after a third of what is left, at least
 * 60 s, at most 6 h. kiam refreshes a session with 5 minutes left. Half of a 15-minute session's 10 remaining minutes
 * comes just before that as often as just after, and a miss lasts until half of 5: CRT, which reads below 5 minutes, then
 * read 61 times an hour.
 */
export function retryUnchangedAt(now: number, credentials: Credentials, random: Random): number {
  const { lifetime } = credentials;
  if (lifetime.kind !== "until") return now + rereadDelayMs(credentials, random);
  return now + clamp((lifetime.expiration - now) / 3, UNCHANGED_RETRY_MIN_MS, LONGEST_WAIT_MS);
}

/** What the next attempt after a failure depends on. `failures` counts those since the last success. */
export type Outage =
  /** Nothing was ever loaded; the first failure was `failingForMs` ago. */
  | { readonly kind: "cold"; readonly failures: number; readonly failingForMs: number }
  /** Denied and its like, with nothing to serve. `expired`: the cached credentials have run out, so this is no fresh pod. */
  | { readonly kind: "final"; readonly failures: number; readonly expired?: boolean }
  | { readonly kind: "expired" }
  /** Keys whose end is unknown are cached. */
  | { readonly kind: "open-ended"; readonly failures: number }
  | {
      readonly kind: "warm";
      /** Honest lifetime left. */
      readonly remainingMs: number;
      /** Lifetime of the cached credentials at fetch. */
      readonly lifetimeMs: number;
    };

/**
 * How long to wait before the next attempt, in ms.
 * Cold: 200 ms doubling to 10 s, full jitter, for two minutes; then 60…90 s.
 * Final: 5 s doubling to 5 min; from 30 s when the cached credentials have run out.
 * Warm: a random 1/8…1/4 of the honest lifetime left, at least a 15th of the lifetime (5 s to 2 min), at most 5 min.
 * Open-ended: a minute doubling to 5 min. Expired: a random 30…60 s.
 */
export function retryDelayMs(outage: Outage, random: Random): number {
  switch (outage.kind) {
    case "cold":
      return coldDelayMs(outage, random);
    case "final": {
      const firstMs = outage.expired ? EXPIRED_MIN_MS : FINAL_FIRST_MS;
      return doubled(firstMs, outage.failures, FINAL_MAX_MS) * (1 + FINAL_JITTER * random());
    }
    case "expired":
      return between(EXPIRED_MIN_MS, EXPIRED_MAX_MS, random);
    case "open-ended":
      return doubled(REREAD_MS, outage.failures, REREAD_FAILED_MAX_MS);
    case "warm": {
      const share = between(WARM_SHARE_MIN, WARM_SHARE_MAX, random);
      const lowerMs = clamp(outage.lifetimeMs * WARM_MIN_SHARE_OF_LIFETIME, WARM_MIN_MS, WARM_MIN_MAX_MS);
      return clamp(outage.remainingMs * share, lowerMs, WARM_MAX_MS);
    }
  }
}

function coldDelayMs(
  { failures, failingForMs }: { readonly failures: number; readonly failingForMs: number },
  random: Random,
): number {
  const isFast = failingForMs < COLD_FAST_FOR_MS && failures < COLD_FAST_CALLS;
  if (!isFast) return between(COLD_SLOW_MIN_MS, COLD_SLOW_MAX_MS, random);
  return doubled(COLD_FIRST_MS, failures, COLD_MAX_MS) * random();
}

/** How long to wait at least when upstream throttles: what it asked for, at least 5 s, and as much again by full jitter. */
export function throttledDelayMs(retryAfterMs: number | undefined, random: Random): number {
  return clamp(retryAfterMs ?? 0, THROTTLED_MIN_MS, THROTTLED_MAX_MS) * (1 + random());
}

/**
 * How long ago the last attempt must be before a read that found nothing brings the next forward, in ms; undefined for
 * an upstream that answered. Never so soon that reads make a failing upstream answer more than 100 calls an hour.
 */
export function earlyRetryAfterMs(outage: Outage | undefined): number {
  switch (outage?.kind) {
    case undefined:
      return SECOND;
    case "cold":
      return COLD_SLOW_MIN_MS;
    case "final":
      return outage.expired ? EARLY_RETRY_MS : doubled(FINAL_FIRST_MS, outage.failures, EARLY_RETRY_MS);
    default:
      return EARLY_RETRY_MS;
  }
}

function doubled(first: number, failures: number, max: number): number {
  return Math.min(first * 2 ** Math.max(0, failures - 1), max);
}

function between(low: number, high: number, random: Random): number {
  return low + (high - low) * random();
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
