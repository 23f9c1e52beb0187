import type { Credentials } from "../credentials.ts";
import { SECOND } from "../time.ts";

/** Credentials in the cache. Immutable: a refresh swaps the whole. */
export interface CachedCredentials {
  readonly credentials: Credentials;
  readonly obtainedAt: number;
  /** Counts the swaps; equal generations are equal answers. */
  readonly generation: number;
}

/**
 * The cached credentials in terms of a wall clock that was set back after they were obtained. Their session is as old as
 * the monotonic clock says (`ageMs`), so by the wall clock it began earlier, and ends earlier. The two clocks are read one
 * after the other; less than a second between them is not a clock that was set back.
 */
export function byWallClock(cached: CachedCredentials, now: number, ageMs: number): CachedCredentials {
  const setBackMs = ageMs - (now - cached.obtainedAt);
  const { lifetime } = cached.credentials;
  if (setBackMs < SECOND || lifetime.kind !== "until") return cached;
  const expiration = lifetime.expiration - setBackMs;
  return {
    ...cached,
    obtainedAt: cached.obtainedAt - setBackMs,
    credentials: { ...cached.credentials, lifetime: { kind: "until", expiration } },
  };
}
