import type { Clock } from "../edge.ts";
import { MINUTE } from "../time.ts";

/** Timers are late after a suspend and deaf to clock jumps, so a long pause looks at the wall clock this often. */
const LOOK_EVERY_MS = MINUTE;

/** A pause that ends when its time is over, by the timers or by the wall clock, or when somebody ends it. */
export class Backoff {
  readonly done: Promise<void>;
  readonly #clock: Clock;
  readonly #endsAt: number;
  readonly #resolve: () => void;
  #left: number;
  #cancel: () => void = () => {};

  constructor(clock: Clock, delayMs: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#clock = clock;
    this.#left = Math.max(0, delayMs);
    this.#endsAt = clock.now() + this.#left;
    this.#arm();
  }

  /** Ends it now. Harmless when it is over. */
  end(): void {
    this.#cancel();
    this.#resolve();
  }

  #arm(): void {
    const step = Math.min(this.#left, LOOK_EVERY_MS);
    this.#cancel = this.#clock.setTimer(step, () => {
      this.#left -= step;
      if (this.#left <= 0 || this.#clock.now() >= this.#endsAt) this.#resolve();
      else this.#arm();
    });
  }
}
