/** The figures of a simulated fleet. Pure. */
import { leastRemainingMs } from "../../src/policy/refresh-schedule.ts";
import { SECOND } from "../../src/time.ts";
import { MINIMUM_LIFETIME_MS } from "./pod.ts";
import type { Record } from "./record.ts";

export interface Figures {
  readonly meanPerSecond: number;
  readonly peakPerSecond: number;
  /** From the second refresh on; undefined where something else hinders the fleet. */
  readonly peakToMean: number | undefined;
  readonly mostInColdHour: number;
  readonly throttled: number;
  readonly podsWithout: number;
  /** Of those pods, in ms. */
  readonly meanWithoutMs: number;
  /** After all was well again, in ms; undefined where no pod lacked credentials then. */
  readonly backRead: Back | undefined;
  readonly backUnread: Back | undefined;
  readonly leastToSpareMs: number;
}

export interface Back {
  readonly medianMs: number;
  readonly lastMs: number;
}

/** So many bins in the length of a session that each has some hundred calls of ten thousand pods. */
const BINS_PER_SESSION = 60;

export function figuresOf(record: Record): Figures {
  const { perSecond, mostInColdHour, throttled, withoutMs, without, leastToSpareMs } = record;
  const calls = sum(perSecond);
  return {
    meanPerSecond: calls / perSecond.length,
    peakPerSecond: perSecond.reduce((most, one) => Math.max(most, one), 0),
    peakToMean: peakToMean(record),
    mostInColdHour,
    throttled,
    podsWithout: without.size,
    meanWithoutMs: without.size === 0 ? 0 : withoutMs / without.size,
    backRead: backOf(record.backRead),
    backUnread: backOf(record.backUnread),
    leastToSpareMs,
  };
}

/** The second refresh of the last pod to start is due by then. */
function peakToMean({ scenario, perSecond }: Record): number | undefined {
  const { sessionMs, rollOutMs, lengthMs, wellFrom } = scenario;
  if (wellFrom !== undefined) return undefined;
  const binSeconds = sessionMs / BINS_PER_SESSION / SECOND;
  const from = Math.ceil((rollOutMs + sessionMs - leastRemainingMs(sessionMs, MINIMUM_LIFETIME_MS)) / SECOND);
  const bins: number[] = [];
  for (let at = from; at + binSeconds <= lengthMs / SECOND; at += binSeconds) {
    bins.push(sum(perSecond.subarray(at, at + binSeconds)));
  }
  return Math.max(...bins) / (sum(bins) / bins.length);
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

function backOf(times: readonly number[]): Back | undefined {
  const sorted = times.toSorted((a, b) => a - b);
  const [last, median] = [sorted.at(-1), sorted[Math.floor(sorted.length / 2)]];
  return last === undefined || median === undefined ? undefined : { medianMs: median, lastMs: last };
}
