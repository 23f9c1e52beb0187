/** What an upstream's lifetime means for one client. Pure. */

import { MINUTE, SECOND } from "../time.ts";
import type { Windows } from "./clients.ts";
import { leastRemainingMs } from "./refresh-schedule.ts";
import type { ReportingPolicy } from "./reported-expiration.ts";

/**
 * `calm-when-named`: its reads are padded once the pod's author names it, or its requests do.
 * `now-and-then`: it draws its threshold; it reads in handfuls, at most once a minute on the average.
 */
export type Calmness = "calm" | "calm-when-named" | "now-and-then" | "storms";

export interface CalmnessInput {
  readonly windows: Windows;
  /** Lifetime at fetch, in ms. */
  readonly lifetimeMs: number;
  readonly minimumLifetimeMs: number;
  readonly policy: ReportingPolicy;
}

/** Whether a client reads at most once a minute while upstream is healthy. */
export function calmnessOf({ windows, lifetimeMs, minimumLifetimeMs, policy }: CalmnessInput): Calmness {
  const { advisorySeconds, mandatorySeconds } = windows;
  const reported = leastRemainingMs(lifetimeMs, minimumLifetimeMs) - policy.marginMs;
  const spare = reported - advisorySeconds * SECOND;
  if (spare >= MINUTE) return "calm";
  if (policy.padding && spare + mandatorySeconds * SECOND >= MINUTE) return "calm-when-named";
  return timeBetweenReads(windows, reported) >= MINUTE ? "now-and-then" : "storms";
}

/**
 * How much time passes between two reads on the average, in ms, when a client uses credentials continually that have
 * `reported` left. Each read draws a threshold: as often as `above` is to `range` it lies below what is left, and the
 * client is quiet until that falls to it, half of `above` on the average.
 */
function timeBetweenReads(
  { advisorySeconds, shortestAdvisorySeconds = advisorySeconds }: Windows,
  reported: number,
): number {
  const range = (advisorySeconds - shortestAdvisorySeconds) * SECOND;
  const above = reported - shortestAdvisorySeconds * SECOND;
  return range > 0 && above > 0 ? (above / range) * (above / 2) : 0;
}
