import type { Credentials } from "../credentials.ts";
import type { Clock } from "../edge.ts";
import { SECOND } from "../time.ts";

/** Credentials in the cache. Immutable: a refresh swaps the whole. */
export interface CachedCredentials {
  readonly credentials: Credentials;
  readonly obtainedAt: number;
  /** Counts the swaps; equal generations are equal answers. */
  readonly generation: number;
}

/** What both clocks showed at one moment. */
export interface ClockReading {
  readonly wall: number;
  readonly monotonicMs: number;
}

export function readClocks(clock: Clock): ClockReading {
  return { wall: clock.now(), monotonicMs: clock.monotonicMs() };
}

/** How far the wall clock was set back between two readings: by how much less time passed by it than by the other clock. */
export function setBackMs(before: ClockReading, now: ClockReading): number {
  return now.monotonicMs - before.monotonicMs - (now.wall - before.wall);
}

/**
 * The cached credentials in terms of a wall clock that was set back by `byMs` since they were obtained: their session is
 * no younger for it, so it began that much earlier by this clock, and ends that much earlier. The two clocks are read one
 * after the other; less than a second between them is not a clock that was set back.
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
