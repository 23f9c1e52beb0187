/** What a simulated fleet did: calls per second, and how long pods had nothing to serve. */
import { leastRemainingMs } from "../../src/policy/refresh-schedule.ts";
import { HOUR, SECOND } from "../../src/time.ts";
import { MINIMUM_LIFETIME_MS, type Pod } from "./pod.ts";
import type { Scenario } from "./scenarios.ts";
import type { CallResult } from "./sts.ts";

interface Settled {
  readonly at: number;
  /** When what the pod served before this attempt ended. */
  readonly servedUntil: number;
  readonly gained: boolean;
}

export class Record {
  readonly scenario: Scenario;
  /** Calls of all regions in each second. */
  readonly perSecond: Uint32Array;
  throttled = 0;
  /** The most calls that one pod made within an hour in which it had nothing to serve. */
  mostInColdHour = 0;
  /** Time that pods which had started had nothing to serve, in ms, and how many pods that was. */
  withoutMs = 0;
  readonly without = new Set<number>();
  /** For pods that had nothing when all was well again: how long after that each had credentials, in ms. */
  readonly backRead: number[] = [];
  readonly backUnread: number[] = [];
  /** The least real lifetime left when a refresh was due, less what the schedule promises, in ms. */
  leastToSpareMs = Number.POSITIVE_INFINITY;
  readonly #fleet: readonly Pod[];
  /** By pod: since when it has had nothing to serve, and its calls in the first hour of that. */
  readonly #nothingSince: Float64Array;
  readonly #coldCalls: Uint32Array;

  constructor(scenario: Scenario, fleet: readonly Pod[]) {
    this.scenario = scenario;
    this.#fleet = fleet;
    this.perSecond = new Uint32Array(Math.ceil(scenario.lengthMs / SECOND));
    this.#nothingSince = Float64Array.from(fleet, ({ at }) => at);
    this.#coldCalls = new Uint32Array(fleet.length);
  }

  onCall(pod: number, at: number, result: CallResult): void {
    const second = Math.floor(at / SECOND);
    this.perSecond[second] = (this.perSecond[second] ?? 0) + 1;
    if (result === "throttled") this.throttled += 1;
    const since = this.#since(pod);
    if (at < since || at >= since + HOUR) return;
    const calls = (this.#coldCalls[pod] ?? 0) + 1;
    this.#coldCalls[pod] = calls;
    this.mostInColdHour = Math.max(this.mostInColdHour, calls);
  }

  onRestart(pod: number, at: number): void {
    this.#lacked(pod, at);
    this.#nothingSince[pod] = at;
    this.#coldCalls[pod] = 0;
  }

  onSettled(pod: number, { at, gained }: Settled): void {
    const member = this.#fleet[pod];
    if (!gained || member === undefined) return;
    const { wellFrom, sessionMs } = this.scenario;
    const since = this.#since(pod);
    this.#lacked(pod, at);
    if (wellFrom !== undefined && since < at && at > wellFrom && this.#hadStarted(since, wellFrom)) {
      (member.isRead ? this.backRead : this.backUnread).push(at - wellFrom);
    }
    this.leastToSpareMs = Math.min(
      this.leastToSpareMs,
      member.leftAt(member.at) - leastRemainingMs(sessionMs, MINIMUM_LIFETIME_MS),
    );
    this.#nothingSince[pod] = member.servesUntil;
    this.#coldCalls[pod] = 0;
  }

  end(): void {
    for (const pod of this.#fleet.keys()) this.#lacked(pod, this.scenario.lengthMs);
  }

  /** Who lacked credentials when all was well again, or was restarted from then on. */
  #hadStarted(since: number, wellFrom: number): boolean {
    return since <= wellFrom || this.scenario.restartsAt === wellFrom;
  }

  #lacked(pod: number, until: number): void {
    const ms = until - this.#since(pod);
    // A roll-out's first calls are no outage.
    if (ms <= SECOND) return;
    this.withoutMs += ms;
    this.without.add(pod);
  }

  #since(pod: number): number {
    return this.#nothingSince[pod] ?? 0;
  }
}
