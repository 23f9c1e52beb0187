import { MINUTE } from "../time.ts";

/** As far as an operator looks back who was just paged; for what is older there is Prometheus. */
export const MINUTES_SEEN = 30;

/** How often something happened in each of the last 30 minutes. It never grows. */
export class PerMinute {
  readonly #counts = new Uint32Array(MINUTES_SEEN);
  /** The minute that is being counted, since 1970. */
  #minute = 0;

  /** Counts one; `now` in ms by the wall clock. */
  count(now: number): void {
    this.#moveTo(now);
    const slot = this.#minute % MINUTES_SEEN;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
  }

  /** Oldest first; the last is the minute that is not over yet. */
  recent(now: number): readonly number[] {
    this.#moveTo(now);
    const oldest = this.#minute + 1;
    return Array.from(this.#counts, (_, index) => this.#counts[(oldest + index) % MINUTES_SEEN] ?? 0);
  }

  #moveTo(now: number): void {
    const minute = Math.floor(now / MINUTE);
    const passed = minute - this.#minute;
    // NTP sets a clock back across the turn of a minute now and then: what follows is counted in the later minute.
    if (passed === 0 || passed === -1) return;
    if (passed < 0 || passed >= MINUTES_SEEN) this.#counts.fill(0);
    else for (let next = this.#minute + 1; next <= minute; next += 1) this.#counts[next % MINUTES_SEEN] = 0;
    this.#minute = minute;
  }
}
