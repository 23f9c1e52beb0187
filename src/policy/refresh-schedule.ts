/** Pure time rules of renewal. All times are milliseconds by the wall clock. */
import type { Credentials } from "../credentials.ts";
import { MINUTE, SECOND } from "../time.ts";

/** Renewals of many pods that started together drift apart by this much either way. */
const JITTER = 0.1;

/** A caching upstream (IMDS, kiam, another agent) is not asked again sooner than this. */
const UNCHANGED_RETRY_MIN = MINUTE;

/** Static keys have no end; they are read again this often, so that a rotated file is noticed. */
const UNLIMITED_REREAD = 30 * MINUTE;

/** The cold schedule: fast enough for the seconds in which an agent on a new node comes up. */
const COLD_FIRST = 200;
const COLD_MAX = 10 * SECOND;

/**
 * The warm schedule. An eighth to a quarter of what is left, and not below a minute (sessions of 15 minutes) or two (half
 * an hour and more), is what keeps the worst case at 19 calls in the first hour of an outage: sessions of about 100
 * minutes, which then end within that hour.
 */
const WARM_SHARE_MIN = 1 / 8;
const WARM_SHARE_MAX = 1 / 4;
const WARM_MIN = 5 * SECOND;
const WARM_MIN_SHARE_OF_LIFETIME = 1 / 15;
const WARM_MIN_MAX = 2 * MINUTE;
const WARM_MAX = 5 * MINUTE;

/** Nothing left to serve: as fast as ten thousand pods may ask an STS that lets 600 requests a second pass. */
const EXPIRED_MIN = 30 * SECOND;
const EXPIRED_MAX = MINUTE;

/** IAM is eventually consistent: a denial passes within seconds when a policy was just attached. */
const FINAL_FIRST = 5 * SECOND;
const FINAL_MAX = 5 * MINUTE;

/** A number in [0, 1). */
export type Random = () => number;

export interface RefreshInput {
  readonly credentials: Credentials;
  readonly obtainedAt: number;
  /** The real lifetime that every answer should still have, in ms (`SIDECAR_MINIMUM_LIFETIME`). */
  readonly minimumLifetimeMs: number;
  readonly random: Random;
}

/**
 * When to ask upstream for the next credentials: when the real remaining lifetime falls to the larger of half the
 * lifetime and the floor, but not before a third of the lifetime has passed; 10 % sooner or later at random.
 * One hour: after about 30 min. 15 min: after about 5 min. 12 h: after about 6 h.
 */
export function refreshAt({ credentials, obtainedAt, minimumLifetimeMs, random }: RefreshInput): number {
  const { lifetime } = credentials;
  const jitter = 1 + JITTER * (2 * random() - 1);
  if (lifetime.kind === "unlimited") return obtainedAt + UNLIMITED_REREAD * jitter;
  const length = Math.max(0, lifetime.expiration - obtainedAt);
  return obtainedAt + refreshDelay(length, minimumLifetimeMs) * jitter;
}

function refreshDelay(length: number, minimumLifetimeMs: number): number {
  return Math.max(length - Math.max(length / 2, minimumLifetimeMs), length / 3);
}

/** The least real lifetime, in ms, that is served from an upstream that answers: just before the latest renewal. */
export function leastRemainingMs(length: number, minimumLifetimeMs: number): number {
  return length - refreshDelay(length, minimumLifetimeMs) * (1 + JITTER);
}

/**
 * When to ask a caching upstream again that returned what is already held: after a third of what is left, at least 60 s.
 * kiam renews a session with 5 minutes left. Half of a 15-minute session's 10 remaining minutes comes just before that
 * as often as just after, and a miss lasts until half of 5: CRT, which asks below 5 minutes, then read 61 times an hour.
 */
export function retryUnchangedAt(now: number, credentials: Credentials): number {
  if (credentials.lifetime.kind === "unlimited") return now + UNLIMITED_REREAD;
  return now + Math.max((credentials.lifetime.expiration - now) / 3, UNCHANGED_RETRY_MIN);
}

/** What the next try after a failure depends on. `failures` counts those since the last success. */
export type Outage =
  | { readonly kind: "cold"; readonly failures: number }
  /** `expired`: what is held has run out, so that this is no fresh pod whose policy is just being attached. */
  | { readonly kind: "final"; readonly failures: number; readonly expired?: boolean }
  | { readonly kind: "expired" }
  | {
      readonly kind: "warm";
      /** Honest lifetime left, in ms. */
      readonly remaining: number;
      /** Lifetime of the held credentials at fetch, in ms. */
      readonly length: number;
    };

/**
 * How long to wait before the next try, in ms.
 * Cold (nothing held yet): 200 ms doubling to 10 s, full jitter.
 * Final (denied and its like) with nothing to serve: 5 s doubling to 5 min; from 30 s when credentials have run out.
 * Warm: a random 1/8…1/4 of the honest lifetime left, at least a 15th of the lifetime (5 s to 2 min), at most 5 min.
 * Expired: a random 30…60 s.
 */
export function retryDelayMs(outage: Outage, random: Random): number {
  switch (outage.kind) {
    case "cold":
      return doubled(COLD_FIRST, outage.failures, COLD_MAX) * random();
    case "final":
      return doubled(outage.expired ? EXPIRED_MIN : FINAL_FIRST, outage.failures, FINAL_MAX) * (1 + JITTER * random());
    case "expired":
      return EXPIRED_MIN + (EXPIRED_MAX - EXPIRED_MIN) * random();
    case "warm": {
      const share = WARM_SHARE_MIN + (WARM_SHARE_MAX - WARM_SHARE_MIN) * random();
      const lower = clamp(outage.length * WARM_MIN_SHARE_OF_LIFETIME, WARM_MIN, WARM_MIN_MAX);
      return clamp(outage.remaining * share, lower, WARM_MAX);
    }
  }
}

/** How long ago the last try must be before a reader who found nothing may hasten the next, in ms. */
export function earlyRetryAfterMs(lastFailure: "none" | "final" | "passing"): number {
  if (lastFailure === "none") return SECOND;
  return lastFailure === "final" ? FINAL_FIRST : EXPIRED_MIN;
}

function doubled(first: number, failures: number, max: number): number {
  return Math.min(first * 2 ** Math.max(0, failures - 1), max);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
