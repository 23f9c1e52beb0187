import type { RefusalReason } from "../refusals.ts";
import { MINUTES_KEPT, PerMinute } from "./per-minute.ts";

/** How long a refusal is news: long enough to be seen by whoever looks, short enough to end with its cause. */
const LATELY_MINUTES = 5;

export interface RefusalsSeen {
  readonly reason: RefusalReason;
  /** Since the start. */
  readonly total: number;
  /** In the last five minutes. */
  readonly lately: number;
  /** In ms by the wall clock. */
  readonly lastAt: number;
}

/** How many requests were refused, by reason, of which there are ten. */
export class Refusals {
  readonly #byReason = new Map<RefusalReason, { total: number; lastAt: number; readonly perMinute: PerMinute }>();

  onRefused(reason: RefusalReason, now: number): void {
    let seen = this.#byReason.get(reason);
    if (seen === undefined) {
      seen = { total: 0, lastAt: now, perMinute: new PerMinute() };
      this.#byReason.set(reason, seen);
    }
    seen.total += 1;
    seen.lastAt = now;
    seen.perMinute.count(now);
  }

  list(now: number): readonly RefusalsSeen[] {
    return [...this.#byReason].map(([reason, { total, lastAt, perMinute }]) => {
      const lately = perMinute.recent(now).slice(MINUTES_KEPT - LATELY_MINUTES);
      return { reason, total, lately: lately.reduce((sum, count) => sum + count, 0), lastAt };
    });
  }
}
