import type { Clock } from "../edge.ts";

/** Reads that wait for a flight, each for no longer than its client does. */
export class Waiters {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many wait now. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves at the next {@link release}, at the latest after `limitMs`. */
  async wait(limitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.setTimer(limitMs, resolve);
    this.#waiting.add(resolve);
    await promise;
    cancel();
    this.#waiting.delete(resolve);
  }

  release(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
