import type { Clock } from "../edge.ts";
import { setWallTimer } from "./wall-timer.ts";

/** A wait that ends when its time is over, by the timers or by the wall clock, or when {@link end} is called. */
export class Backoff {
  readonly done: Promise<void>;
  readonly #resolve: () => void;
  readonly #cancel: () => void;

  constructor(clock: Clock, delayMs: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#cancel = setWallTimer(clock, delayMs, resolve);
  }

  /** Ends it now. Harmless when it is over. */
  end(): void {
    this.#cancel();
    this.#resolve();
  }
}
