/** What an upstream's lifetime means for one client. Pure. */

import { MINUTE, SECOND } from "../time.ts";
import type { Windows } from "./clients.ts";
import { leastRemainingMs } from "./refresh-schedule.ts";
import type { ReportingPolicy } from "./reported-expiration.ts";

/**
 * `calm-when-named`: its reads are padded once the pod's author names it, or its requests do.
 * `now-and-then`: it draws its advisory window at random, and reads at most once a minute on average.
 */
export type Calmness = "calm" | "calm-when-named" | "now-and-then" | "storms";

export interface CalmnessInput {
  readonly windows: Windows;
  /** Lifetime at fetch, in ms. */
  readonly lifetimeMs: number;
  readonly minimumLifetimeMs: number;
  readonly policy: ReportingPolicy;
}

/** Decides whether a client reads at most once a minute while upstream is healthy. */
export function calmnessOf({ windows, lifetimeMs, minimumLifetimeMs, policy }: CalmnessInput): Calmness {
  const { advisorySeconds, mandatorySeconds } = windows;
  const reportedMs = leastRemainingMs(lifetimeMs, minimumLifetimeMs) - policy.marginMs;
  const spareMs = reportedMs - advisorySeconds * SECOND;
  if (spareMs >= MINUTE) return "calm";
  if (policy.padding && spareMs + mandatorySeconds * SECOND >= MINUTE) return "calm-when-named";
  return timeBetweenReadsMs(windows, reportedMs) >= MINUTE ? "now-and-then" : "storms";
}

/**
 * How much time passes between two reads on average when a client uses credentials continually that have `reportedMs` left.
 * Each read draws an advisory window. As often as `aboveMs` is to `rangeMs` it is smaller than what is left, and the client
 * does not read until that has shrunk to it, half of `aboveMs` on average.
 */
function timeBetweenReadsMs(
  { advisorySeconds, shortestAdvisorySeconds = advisorySeconds }: Windows,
  reportedMs: number,
): number {
  const rangeMs = (advisorySeconds - shortestAdvisorySeconds) * SECOND;
  const aboveMs = reportedMs - shortestAdvisorySeconds * SECOND;
  return rangeMs > 0 && aboveMs > 0 ? (aboveMs / rangeMs) * (aboveMs / 2) : 0;
}
