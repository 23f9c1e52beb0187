/** When to refresh after upstream has answered. Pure; instants are in ms by the wall clock. */
import type { Credentials } from "../credentials.ts";
import { HOUR, MINUTE } from "../time.ts";
import { clamp, type Random } from "./random.ts";

/** However long a session lasts, its role, policy or account may change, so it is refreshed after this at the latest. */
const LONGEST_WAIT_MS = 6 * HOUR;

/** A refresh is due within this share of the delay before its latest moment. */
const JITTER = 0.2;

/**
 * How the time of a refresh is drawn. `narrow`: within the last fifth of the delay. `wide`: as the next refresh of a fleet
 * that has refreshed for ever would be found at any moment, so that one which obtained its sessions in the same minute
 * refreshes evenly from then on. That is the residual delay of a renewal process (density: the share of delays that are
 * longer): even over the first four fifths, and falling to nothing over the last.
 */
export type Spread = "narrow" | "wide";

/** A caching upstream (IMDS, kiam, another agent) is not asked again sooner than this. */
const UNCHANGED_RETRY_MIN_MS = MINUTE;

/**
 * Keys whose end is unknown are read again this often: a file or an environment costs nothing to read, and a session may
 * be replaced at any time. Static keys that a program prints are not worth running it each minute.
 */
export const REREAD_MS = MINUTE;
const REREAD_PROGRAM_MS = 30 * MINUTE;

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
  return obtainedAt + latestDelayMs(lifetimeMs, minimumLifetimeMs) * shareOf(spread, random());
}

/** The share of the latest delay, in (0, 1], for a draw from [0, 1). */
function shareOf(spread: Spread, draw: number): number {
  if (spread === "narrow") return 1 - JITTER * draw;
  const mean = 1 - JITTER / 2;
  const inLastFifth = JITTER / 2 / mean;
  return draw < inLastFifth ? 1 - Math.sqrt(2 * JITTER * mean * draw) : mean * (1 - draw);
}

function latestDelayMs(lifetimeMs: number, minimumLifetimeMs: number): number {
  const whenDueMs = lifetimeMs - Math.max(lifetimeMs / 2, minimumLifetimeMs);
  return Math.min(Math.max(whenDueMs, lifetimeMs / 3), LONGEST_WAIT_MS);
}

function rereadDelayMs({ lifetime, fromProgram }: Credentials, random: Random): number {
  const delayMs = fromProgram && lifetime.kind === "unlimited" ? REREAD_PROGRAM_MS : REREAD_MS;
  return delayMs * shareOf("narrow", random());
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
