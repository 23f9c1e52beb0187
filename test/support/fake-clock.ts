import type { Clock } from "../../src/edge.ts";

interface Timer {
  readonly dueAt: number;
  readonly fire: () => void;
}

/** 2026-01-01T00:00:00Z: a whole second, so that reports are easy to read. */
export const EPOCH = Date.UTC(2026, 0, 1);

/**
 * A clock that moves only when a test says so. Timers count elapsed time, the wall clock may jump, as both do in a
 * machine that is suspended or set.
 */
export class FakeClock implements Clock {
  #elapsed = 0;
  #wallOffset = EPOCH;
  readonly #timers = new Set<Timer>();
  #onArmed: (() => void)[] = [];

  now = (): number => this.#wallOffset + this.#elapsed;

  monotonicMs = (): number => this.#elapsed;

  setTimer = (delayMs: number, fire: () => void): (() => void) => {
    const timer = { dueAt: this.#elapsed + Math.max(0, delayMs), fire };
    this.#timers.add(timer);
    for (const tell of this.#onArmed.splice(0)) tell();
    return () => void this.#timers.delete(timer);
  };

  get armed(): number {
    return this.#timers.size;
  }

  /** Resolves once a timer is armed: a test that advances earlier would advance past code that has not got there. */
  async waitForTimer(): Promise<void> {
    if (this.#timers.size > 0) return;
    await new Promise<void>((resolve) => this.#onArmed.push(resolve));
  }

  /** Moves both clocks, firing each timer at its time and letting what it woke run before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settle();
    for (let next = this.#nextDue(end); next !== undefined; next = this.#nextDue(end)) {
      this.#elapsed = Math.max(this.#elapsed, next.dueAt);
      this.#timers.delete(next);
      next.fire();
      await settle();
    }
    this.#elapsed = end;
  }

  /** Sets the wall clock without any time passing, as NTP or an operator does. */
  jump(ms: number): void {
    this.#wallOffset += ms;
  }

  #nextDue(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= end && (next === undefined || timer.dueAt < next.dueAt)) next = timer;
    }
    return next;
  }
}

/** Lets everything that is ready to run, run. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
