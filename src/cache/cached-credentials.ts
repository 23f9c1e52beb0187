import type { Credentials } from "../credentials.ts";
import type { Clock } from "../edge.ts";
import { SECOND } from "../time.ts";

/** Credentials in the cache. Immutable: a refresh replaces the whole object. */
export interface CachedCredentials {
  readonly credentials: Credentials;
  readonly obtainedAt: number;
  /** Counts the replacements: answers of the same generation have the same credentials. */
  readonly generation: number;
  /** Set when they were obtained before the sidecar started, and read from the state file. */
  readonly fromState?: true;
}

/** What of a credential cache can outlive its process. */
export interface Snapshot {
  /** Exactly as upstream gave them. */
  readonly cached: CachedCredentials;
  /** When the attempt began that obtained them. */
  readonly since: ClockReading;
  /** When the next attempt is due, by the wall clock as it was at `scheduled`. */
  readonly nextRefreshAt: number;
  readonly scheduled: ClockReading;
  /** True when a forced refresh was asked for and has not been answered. */
  readonly isForced: boolean;
}

/** What both clocks showed at one moment. */
export interface ClockReading {
  readonly wall: number;
  readonly monotonicMs: number;
}

export function readClocks(clock: Clock): ClockReading {
  return { wall: clock.now(), monotonicMs: clock.monotonicMs() };
}

/** How far the wall clock was set back between two readings: the time that passed by it, less than by the monotonic clock. */
export function setBackMs(before: ClockReading, now: ClockReading): number {
  return now.monotonicMs - before.monotonicMs - (now.wall - before.wall);
}

/**
 * The cached credentials, with their times moved to a wall clock that was set back by `byMs` since they were obtained. The
 * session is as old as before, so by this clock it began and ends that much earlier. A difference of less than a second is
 * ignored, because the two clocks are not read at the same instant.
 */
export function shiftedBack(cached: CachedCredentials, byMs: number): CachedCredentials {
  const { lifetime } = cached.credentials;
  if (byMs < SECOND || lifetime.kind !== "until") return cached;
  const expiration = lifetime.expiration - byMs;
  return {
    ...cached,
    obtainedAt: cached.obtainedAt - byMs,
    credentials: { ...cached.credentials, lifetime: { kind: "until", expiration } },
  };
}
