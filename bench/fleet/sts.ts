/** STS as a fleet meets it: regions that fail for a while, a limit of calls per second, and the time an answer takes. */
import type { Random } from "../../src/policy/random.ts";
import { SECOND } from "../../src/time.ts";

/** Times in ms from the start of the simulation. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

export interface RegionModel {
  readonly name: string;
  /** When it answers nothing but errors. */
  readonly outages: readonly Period[];
  /** Calls a second that STS lets pass; one second's worth may come at once. */
  readonly limit: number;
  /** Calls a second that others make, which all pass before the fleet's do. */
  readonly others: number;
}

/** `denied`: STS answers, and refuses every call. */
export type CallResult = "answered" | "throttled" | "down" | "denied";

export interface Call {
  readonly result: CallResult;
  readonly tookMs: number;
}

/** Ms. A session takes STS some tens of ms; an error comes at once, which is the worst for whoever is called again. */
const ANSWER_MIN_MS = 40;
const ANSWER_SPREAD_MS = 120;
const ERROR_MS = 20;

/** One region. Time must not go back from call to call. */
export class Region {
  readonly #model: RegionModel;
  readonly #random: Random;
  #tokens: number;
  #filledAt = 0;

  constructor(model: RegionModel, random: Random) {
    this.#model = model;
    this.#random = random;
    this.#tokens = model.limit;
  }

  call(at: number, isDenied: boolean): Call {
    if (isWithin(this.#model.outages, at)) return { result: "down", tookMs: ERROR_MS };
    if (!this.#pass(at)) return { result: "throttled", tookMs: ERROR_MS };
    const tookMs = ANSWER_MIN_MS + ANSWER_SPREAD_MS * this.#random();
    return { result: isDenied ? "denied" : "answered", tookMs };
  }

  #pass(at: number): boolean {
    const { limit, others } = this.#model;
    const refilled = ((limit - others) * (at - this.#filledAt)) / SECOND;
    this.#tokens = Math.min(limit, this.#tokens + refilled);
    this.#filledAt = at;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

export function isWithin(periods: readonly Period[], at: number): boolean {
  return periods.some(({ from, to }) => at >= from && at < to);
}
