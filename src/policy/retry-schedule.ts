/** When to ask upstream again after a failure. Pure; delays are in ms. */
import { MINUTE, SECOND } from "../time.ts";
import { between, clamp, type Random } from "./random.ts";
import { REREAD_MS } from "./refresh-schedule.ts";

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

/** With nothing left to serve, ten thousand pods together stay within the 600 requests a second that STS allows. */
const EXPIRED_MIN_MS = 30 * SECOND;
const EXPIRED_MAX_MS = MINUTE;

/** IAM is eventually consistent: a denial passes within seconds when a policy was just attached. */
const FINAL_FIRST_MS = 5 * SECOND;
const FINAL_MAX_MS = 5 * MINUTE;
const FINAL_JITTER = 0.1;

/** An upstream that throttles is not called for as long as it asks, within these bounds. */
const THROTTLED_MIN_MS = 5 * SECOND;
const THROTTLED_MAX_MS = 5 * MINUTE;

/** Keys whose end is unknown are cached: reading them again after a failure costs nothing. */
const REREAD_FAILED_MAX_MS = 5 * MINUTE;

/** Reads that find nothing bring the next attempt forward, at most to 90 attempts an hour. */
const EARLY_RETRY_MS = 40 * SECOND;

/** What the next attempt after a failure depends on. `failures` counts those since the last success. */
export type Outage =
  /** Nothing was ever loaded; the first failure was `failingForMs` ago. */
  | { readonly kind: "cold"; readonly failures: number; readonly failingForMs: number }
  /** A denial or another final failure, with nothing to serve. `expired`: there were cached credentials, so the pod is not new. */
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
