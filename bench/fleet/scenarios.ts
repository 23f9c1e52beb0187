/** What may happen to a fleet. Times in ms from the start of the first pod. */
import { leastRemainingMs } from "../../src/policy/refresh-schedule.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { MARGIN_MS, MINIMUM_LIFETIME_MS } from "./pod.ts";
import type { Period, RegionModel } from "./sts.ts";

export interface Scenario {
  readonly name: string;
  readonly sessionMs: number;
  /** The pods start evenly within this. */
  readonly rollOutMs: number;
  readonly lengthMs: number;
  /** Home first. Limits are for ten thousand pods. */
  readonly regions: readonly RegionModel[];
  /** True when the limit is the same however many pods there are; else it grows with the fleet. */
  readonly limitIsFixed: boolean;
  /** All pods are replaced within a minute from here on. */
  readonly restartsAt: number | undefined;
  /** STS refuses every call, as with a role's trust policy that is wrong. */
  readonly denials: readonly Period[];
  /** From here on nothing hinders the fleet any more; undefined where nothing did. */
  readonly wellFrom: number | undefined;
  /** True where no pod may be without credentials at any time after its first. */
  readonly isSurvived: boolean;
}

/** STS takes about 600 calls a second of one account in one region (AWS quotas, *STS requests per second*). */
export const STS_LIMIT = 600;

const HOME: RegionModel = { name: "home", outages: [], limit: STS_LIMIT, others: 0 };

const plain: Omit<Scenario, "name"> = {
  sessionMs: HOUR,
  rollOutMs: MINUTE,
  lengthMs: 12 * HOUR,
  regions: [HOME],
  limitIsFixed: false,
  restartsAt: undefined,
  denials: [],
  wellFrom: undefined,
  isSurvived: false,
};

const sessions = [
  { words: "15 min", sessionMs: 15 * MINUTE, rollsMs: 1.5 * HOUR },
  { words: "1 h", sessionMs: HOUR, rollsMs: 5 * HOUR },
  { words: "12 h", sessionMs: 12 * HOUR, rollsMs: 40 * HOUR },
] as const;

/** An outage begins when the fleet has refreshed for a while. */
export const BEGINS = HOUR;

function outage(name: string, lengthMs: number, sessionMs: number, given: Partial<Scenario> = {}): Scenario {
  const wellFrom = BEGINS + lengthMs;
  const regions = [{ ...HOME, outages: [{ from: BEGINS, to: wellFrom }] }];
  return { ...plain, name, sessionMs, regions, rollOutMs: HOUR / 2, lengthMs: wellFrom + HOUR, wellFrom, ...given };
}

/** STS answers for one minute in five. */
function flapping(): readonly Period[] {
  return Array.from({ length: 12 }, (_, index) => {
    const from = BEGINS + index * 5 * MINUTE;
    return { from, to: from + 4 * MINUTE };
  });
}

const RESTART: Pick<Scenario, "rollOutMs" | "restartsAt"> = { rollOutMs: HOUR / 2, restartsAt: BEGINS };

function restarted(name: string, regions: readonly RegionModel[], given: Partial<Scenario> = {}): Scenario {
  return { ...plain, ...RESTART, name, regions, lengthMs: BEGINS + HOUR, wellFrom: BEGINS, ...given };
}

const FALLBACK: RegionModel = { ...HOME, name: "fallback" };
const DOWN = { from: BEGINS, to: BEGINS + HOUR };

/** In the order of the table. */
export const scenarios: readonly Scenario[] = [
  ...sessions.map(({ words, sessionMs, rollsMs: lengthMs }) => ({
    ...plain,
    name: `roll-out in a minute, ${words}`,
    isSurvived: true,
    sessionMs,
    lengthMs,
  })),
  ...sessions.map(({ words, sessionMs, rollsMs: lengthMs }) => ({
    ...plain,
    name: `rolling over an hour, ${words}`,
    isSurvived: true,
    sessionMs,
    rollOutMs: HOUR,
    lengthMs,
  })),
  ...[20, 60].flatMap((minutes) =>
    sessions.map(({ words, sessionMs }) => {
      const lengthMs = minutes * MINUTE;
      const isSurvived = lengthMs < leastRemainingMs(sessionMs, MINIMUM_LIFETIME_MS) - MARGIN_MS;
      return outage(`outage of ${minutes} min, ${words}`, lengthMs, sessionMs, { isSurvived });
    }),
  ),
  outage("flapping for an hour, 1 h", HOUR, HOUR, { regions: [{ ...HOME, outages: flapping() }] }),
  outage("flapping for an hour, 15 min", HOUR, 15 * MINUTE, { regions: [{ ...HOME, outages: flapping() }] }),
  outage("all restart in an outage of 60 min", HOUR, HOUR, { restartsAt: BEGINS + 5 * MINUTE }),
  outage("outage of 60 min, then STS takes 100/s", HOUR, HOUR, {
    regions: [{ ...HOME, limit: 100, outages: [{ from: BEGINS, to: BEGINS + HOUR }] }],
  }),
  restarted("all restart, STS takes 100/s", [{ ...HOME, limit: 100 }]),
  restarted("all restart, others use 540/s", [{ ...HOME, others: 540 }]),
  restarted("all restart, and are denied for 30 min", [HOME], {
    denials: [{ from: BEGINS, to: BEGINS + 30 * MINUTE }],
    wellFrom: BEGINS + 30 * MINUTE,
  }),
  outage("one region down for 60 min, with a fallback", HOUR, HOUR, {
    regions: [{ ...HOME, outages: [DOWN] }, FALLBACK],
    isSurvived: true,
  }),
  outage("all restart, one region down, with a fallback", HOUR, HOUR, {
    regions: [{ ...HOME, outages: [DOWN] }, FALLBACK],
    restartsAt: BEGINS + 5 * MINUTE,
  }),
];

/** What a fleet of more than ten thousand makes of the limit that AWS gives an account until it is raised. */
export const beyondTheLimit: readonly Scenario[] = [
  { ...restarted("all restart, STS takes 600/s", [HOME]), limitIsFixed: true },
  {
    ...outage("all restart in an outage, STS takes 600/s", HOUR, HOUR),
    restartsAt: BEGINS + 5 * MINUTE,
    limitIsFixed: true,
  },
];
