import { MINUTE } from "../time.ts";

/** What an operator looks back at who was just paged; what is older is for Prometheus. */
export const MINUTES_KEPT = 30;

/** How often something happened in each of the last 30 minutes. It never grows. */
export class PerMinute {
  readonly #counts = new Uint32Array(MINUTES_KEPT);
  /** The minute that is being counted, since 1970. */
  #minute = 0;

  /** Counts one; `now` in ms by the wall clock. */
  count(now: number): void {
    this.#moveTo(now);
    const slot = this.#minute % MINUTES_KEPT;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
  }

  /** Oldest first; the last is the minute that is not over yet. */
  recent(now: number): readonly number[] {
    this.#moveTo(now);
    const oldest = this.#minute + 1;
    return Array.from(this.#counts, (_, index) => this.#counts[(oldest + index) % MINUTES_KEPT] ?? 0);
  }

  #moveTo(now: number): void {
    const minute = Math.floor(now / MINUTE);
    const passed = minute - this.#minute;
    // NTP sets a clock back across the turn of a minute now and then: what follows is counted to the later one.
    if (passed === 0 || passed === -1) return;
    if (passed < 0 || passed >= MINUTES_KEPT) this.#counts.fill(0);
    else for (let next = this.#minute + 1; next <= minute; next += 1) this.#counts[next % MINUTES_KEPT] = 0;
    this.#minute = minute;
  }
}
