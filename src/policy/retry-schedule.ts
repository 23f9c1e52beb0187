/** When to ask upstream again after a failure. Pure; delays are in ms. */
import { MINUTE, SECOND } from "../time.ts";
import { between, clamp, type Random } from "./random.ts";
import { REREAD_MS } from "./refresh-schedule.ts";

/**
 * The cold schedule of an upstream that only this node's pods call: fast enough for the seconds in which an agent on a new
 * node comes up, and no longer. Forty calls in the first two minutes and at most one a minute after that are 98 in the
 * first hour.
 */
const COLD_FIRST_MS = 200;
const COLD_MAX_MS = 10 * SECOND;
const COLD_FAST_FOR_MS = 2 * MINUTE;
const COLD_FAST_CALLS = 40;
const COLD_NODE_EARLY_MS = MINUTE;

/**
 * The cold schedule of an upstream that the whole fleet calls. Ten thousand pods that start within a minute are 167 calls a
 * second for each call that a pod makes in any one minute, and STS takes 600: so it makes three.
 */
const COLD_FLEET_FIRST_MAX_MS = 2 * SECOND;
const COLD_FLEET_SECOND_MIN_MS = 20 * SECOND;
const COLD_FLEET_SECOND_MAX_MS = 30 * SECOND;
const COLD_FLEET_FAST_CALLS = 2;

/**
 * With nothing to serve, a pod in which nobody reads asks this often, and one whose application waits twice as often: it is
 * back first, and makes at most 96 calls an hour. Ten thousand pods together make 115 to 230 calls a second, and all are
 * back within 100 s of an outage.
 */
const NOTHING_MIN_MS = 75 * SECOND;
const NOTHING_MAX_MS = 100 * SECOND;
const READ_SHARE = 1 / 2;

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

/**
 * IAM is eventually consistent: a denial passes within seconds when a policy was just attached. Each wait is drawn from its
 * length to twice that, so that a fleet that is denied makes no more than three calls per pod in any one minute.
 */
const FINAL_FIRST_MS = 5 * SECOND;
const FINAL_GROWTH = 3;
const FINAL_MAX_MS = 2.5 * MINUTE;
const FINAL_EXPIRED_FIRST_MS = 45 * SECOND;
/** Reads that find nothing bring the next attempt forward to the shortest wait, and to this at most. */
const FINAL_EARLY_MS = 40 * SECOND;

/** An upstream that throttles is not called for as long as it asks, within these bounds. */
const THROTTLED_MIN_MS = 5 * SECOND;
const THROTTLED_MAX_MS = 5 * MINUTE;

/** Keys whose end is unknown are cached: reading them again after a failure costs nothing. */
const REREAD_FAILED_MAX_MS = 5 * MINUTE;

/** Who calls an upstream: the pods of this node, each node's its own, or the pods of the whole fleet. */
export type Callers = "node" | "fleet";

interface ColdOutage {
  readonly kind: "cold";
  readonly failures: number;
  readonly failingForMs: number;
  readonly callers: Callers;
}

interface FinalOutage {
  readonly kind: "final";
  readonly failures: number;
  readonly expired?: boolean;
}

/** What the next attempt after a failure depends on. `failures` counts those since the last success. */
export type Outage =
  /** Nothing was ever loaded; the first failure was `failingForMs` ago. */
  | ColdOutage
  /** A denial or another final failure, with nothing to serve. `expired`: there were cached credentials, so the pod is not new. */
  | FinalOutage
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
 * Cold: an upstream of this node 200 ms doubling to 10 s, full jitter, for two minutes; one of the fleet up to 2 s, then
 * 20…30 s; both from then on, and with expired credentials, a random 75…100 s.
 * Final: 5…10 s, three times that each time, up to 2.5…5 min; from 45…90 s when the cached credentials have run out.
 * Warm: a random 1/8…1/4 of the honest lifetime left, at least a 15th of the lifetime (5 s to 2 min), at most 5 min, and
 * not longer past the end than with expired credentials. Open-ended: a minute doubling to 5 min.
 */
export function retryDelayMs(outage: Outage, random: Random): number {
  switch (outage.kind) {
    case "cold":
      return coldDelayMs(outage, random);
    case "final":
      return finalMs(outage, FINAL_MAX_MS) * (1 + random());
    case "expired":
      return between(NOTHING_MIN_MS, NOTHING_MAX_MS, random);
    case "open-ended":
      return grown(REREAD_MS, 2, outage.failures, REREAD_FAILED_MAX_MS);
    case "warm": {
      const share = between(WARM_SHARE_MIN, WARM_SHARE_MAX, random);
      const lowerMs = clamp(outage.lifetimeMs * WARM_MIN_SHARE_OF_LIFETIME, WARM_MIN_MS, WARM_MIN_MAX_MS);
      const delayMs = clamp(outage.remainingMs * share, lowerMs, WARM_MAX_MS);
      return Math.min(delayMs, outage.remainingMs + NOTHING_MIN_MS);
    }
  }
}

/** The shortest wait after so many final failures, at most `maxMs`. */
function finalMs({ failures, expired }: FinalOutage, maxMs: number): number {
  return grown(expired ? FINAL_EXPIRED_FIRST_MS : FINAL_FIRST_MS, FINAL_GROWTH, failures, maxMs);
}

function coldDelayMs({ failures, failingForMs, callers }: ColdOutage, random: Random): number {
  if (callers === "node" && failingForMs < COLD_FAST_FOR_MS && failures < COLD_FAST_CALLS) {
    return grown(COLD_FIRST_MS, 2, failures, COLD_MAX_MS) * random();
  }
  if (callers === "fleet" && failures < COLD_FLEET_FAST_CALLS) return COLD_FLEET_FIRST_MAX_MS * random();
  if (callers === "fleet" && failures === COLD_FLEET_FAST_CALLS) {
    return between(COLD_FLEET_SECOND_MIN_MS, COLD_FLEET_SECOND_MAX_MS, random);
  }
  return between(NOTHING_MIN_MS, NOTHING_MAX_MS, random);
}

/** How long to wait at least when upstream throttles: what it asked for, at least 5 s, and as much again by full jitter. */
export function throttledDelayMs(retryAfterMs: number | undefined, random: Random): number {
  return throttledMinMs(retryAfterMs) * (1 + random());
}

function throttledMinMs(retryAfterMs: number | undefined): number {
  return clamp(retryAfterMs ?? 0, THROTTLED_MIN_MS, THROTTLED_MAX_MS);
}

/** The wait that a read which finds nothing may end early. */
export interface Wait {
  /** As it was drawn, in ms. */
  readonly lengthMs: number;
  /** Whether upstream throttles, and what it asked for if it did, in ms. */
  readonly throttled: { readonly retryAfterMs: number | undefined } | undefined;
}

/**
 * How long ago the last attempt must be before a read that found nothing brings the next forward, in ms; `outage` is
 * undefined for an upstream that answered. Never so soon that reads make a failing upstream answer more than 100 calls an
 * hour, and not before a time that upstream asked for.
 */
export function earlyRetryAfterMs(outage: Outage | undefined, { lengthMs, throttled }: Wait): number {
  const afterMs = outage === undefined ? SECOND : failedEarlyMs(outage, lengthMs);
  return throttled === undefined ? afterMs : Math.max(afterMs, throttledMinMs(throttled.retryAfterMs));
}

function failedEarlyMs(outage: Outage, lengthMs: number): number {
  switch (outage.kind) {
    case "cold":
      if (outage.callers === "node") return COLD_NODE_EARLY_MS;
      return outage.failures > COLD_FLEET_FAST_CALLS ? lengthMs * READ_SHARE : lengthMs;
    case "final":
      return outage.expired ? FINAL_EARLY_MS : finalMs(outage, FINAL_EARLY_MS);
    default:
      // The wait may have been drawn before the credentials ran out.
      return clamp(lengthMs * READ_SHARE, NOTHING_MIN_MS * READ_SHARE, NOTHING_MAX_MS * READ_SHARE);
  }
}

function grown(first: number, factor: number, failures: number, max: number): number {
  return Math.min(first * factor ** Math.max(0, failures - 1), max);
}
