import { MINUTES_SEEN, PerMinute } from "./per-minute.ts";

/** How long an event counts as recent: long enough for an operator to see it, short enough to end with its cause. */
const LATELY_MINUTES = 5;

export interface ReasonCount<Reason extends string> {
  readonly reason: Reason;
  /** Since the start. */
  readonly total: number;
  /** In the last five minutes. */
  readonly lately: number;
  /** In ms by the wall clock. */
  readonly lastAt: number;
}

/** How often something happened, by reason, of which there are few: refused requests, or dropped connections. */
export class ReasonCounts<Reason extends string> {
  readonly #byReason = new Map<Reason, { total: number; lastAt: number; readonly perMinute: PerMinute }>();

  count(reason: Reason, now: number): void {
    let seen = this.#byReason.get(reason);
    if (seen === undefined) {
      seen = { total: 0, lastAt: now, perMinute: new PerMinute() };
      this.#byReason.set(reason, seen);
    }
    seen.total += 1;
    seen.lastAt = now;
    seen.perMinute.count(now);
  }

  list(now: number): readonly ReasonCount<Reason>[] {
    return [...this.#byReason].map(([reason, { total, lastAt, perMinute }]) => {
      const lately = perMinute.recent(now).slice(MINUTES_SEEN - LATELY_MINUTES);
      return { reason, total, lately: lately.reduce((sum, count) => sum + count, 0), lastAt };
    });
  }
}
