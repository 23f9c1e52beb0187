/** The limits of promise 15. Pure. */
import { MINUTE, SECOND } from "../../src/time.ts";
import type { Figures } from "./figures.ts";
import { type Scenario, STS_LIMIT } from "./scenarios.ts";

/** Of ten thousand pods, where a figure grows with the fleet. */
export const limits = {
  peakToMean: 1.3,
  perSecond: STS_LIMIT,
  callsInColdHour: 100,
  backMs: 2 * MINUTE,
} as const;

/** Every limit that a scenario missed, in words; empty when all are met. */
export function missed(scenario: Scenario, pods: number, figures: Figures): readonly string[] {
  const checks: readonly (readonly [isMet: boolean, words: string])[] = [
    [
      (figures.peakToMean ?? 1) <= limits.peakToMean,
      `peak/mean is ${figures.peakToMean?.toFixed(2)}, not ${limits.peakToMean}`,
    ],
    [
      scenario.limitIsFixed || figures.peakPerSecond <= (limits.perSecond * pods) / 10_000,
      `${figures.peakPerSecond} calls in one second`,
    ],
    [figures.mostInColdHour <= limits.callsInColdHour, `${figures.mostInColdHour} calls of one pod in a cold hour`],
    // Less than nothing by rounding: times are in ms.
    [figures.leastToSpareMs > -1, `a refresh was due ${-figures.leastToSpareMs} ms after the minimum lifetime`],
    [!scenario.isSurvived || figures.podsWithout === 0, `${figures.podsWithout} pods were without credentials`],
    ...backChecks(scenario, pods, figures),
  ];
  return checks.filter(([isMet]) => !isMet).map(([, words]) => words);
}

function backChecks(
  scenario: Scenario,
  pods: number,
  { backRead, backUnread }: Figures,
): readonly (readonly [isMet: boolean, words: string])[] {
  if (backRead === undefined || backUnread === undefined) return [];
  const allowedMs = limits.backMs + throughTheLimitMs(scenario, pods);
  const isDenied = scenario.denials.length > 0;
  return [
    [backRead.lastMs <= allowedMs, `the last pod with a reader is back after ${backRead.lastMs / SECOND} s`],
    // A denial is asked about more slowly: nobody knows whether it ever passes.
    [isDenied || backUnread.lastMs <= allowedMs, `the last pod is back after ${backUnread.lastMs / SECOND} s`],
    [backRead.lastMs <= backUnread.lastMs, "the last pod with a reader comes after the last without"],
    // Before a first start nobody reads, so there is no one to come first.
    [isRestart(scenario) || backRead.medianMs < backUnread.medianMs, "pods with readers do not come first"],
  ];
}

/** How long one call of each pod takes where STS takes fewer than it usually does of a fleet of this size, in ms. */
function throughTheLimitMs({ regions, limitIsFixed }: Scenario, pods: number): number {
  const [{ limit, others } = { limit: STS_LIMIT, others: 0 }] = regions;
  const perSecond = limit - others;
  if (limitIsFixed) return (pods / perSecond) * SECOND;
  return perSecond < STS_LIMIT ? (10_000 / perSecond) * SECOND : 0;
}

/** All restart while STS answers: there is no outage to come back from. */
function isRestart({ restartsAt, wellFrom }: Scenario): boolean {
  return restartsAt !== undefined && restartsAt === wellFrom;
}
