import type { Clock } from "../edge.ts";
import { honestRemainingMs } from "../policy/reported-expiration.ts";
import { type CachedCredentials, type ClockReading, readClocks, setBackMs, shiftedBack } from "./cached-credentials.ts";
import { setWallTimer } from "./wall-timer.ts";

export interface CurrentCredentialsOptions {
  readonly clock: Clock;
  /** How much earlier than their real expiration credentials stop being served, in ms. */
  readonly marginMs: number;
  /** Called once when the honest lifetime of what is cached has ended and nothing has replaced it. */
  readonly onExpired: () => void;
}

/** The cached credentials, and when they stop being served: by the wall clock or by their age, whichever is first. */
export class CurrentCredentials {
  readonly #options: CurrentCredentialsOptions;
  #cached: CachedCredentials | undefined;
  /** When the attempt began that obtained them: the clock may be set while it is in flight. */
  #since: ClockReading;
  /** True once `onExpired` was called for what is cached. */
  #isOver = false;
  #cancelTimer = () => {};

  constructor(options: CurrentCredentialsOptions) {
    this.#options = options;
    this.#since = readClocks(options.clock);
  }

  /** What upstream gave last, expired or not. */
  get cached(): CachedCredentials | undefined {
    if (this.#cached === undefined) return undefined;
    return shiftedBack(this.#cached, setBackMs(this.#since, readClocks(this.#options.clock)));
  }

  /** The latest credentials exactly as upstream gave them, to compare with its next answer. */
  get asGiven(): CachedCredentials | undefined {
    return this.#cached;
  }

  get since(): ClockReading {
    return this.#since;
  }

  /** What may be served now: undefined before the first success and past the honest expiration. */
  current(): CachedCredentials | undefined {
    const { cached } = this;
    return cached !== undefined && this.#remainingMs(cached) > 0 ? cached : undefined;
  }

  /** `since` is when the attempt began that obtained them. */
  swap(cached: CachedCredentials, since: ClockReading): void {
    this.#cached = cached;
    this.#since = since;
    this.#isOver = false;
    this.look();
  }

  stop(): void {
    this.#cancelTimer();
  }

  /** Calls `onExpired` when the honest end has come, whichever clock says so, and looks again when it should come next. */
  look(): void {
    this.#cancelTimer();
    const { cached } = this;
    if (this.#isOver || cached?.credentials.lifetime.kind !== "until") return;
    const remainingMs = this.#remainingMs(cached);
    if (remainingMs > 0) {
      this.#cancelTimer = setWallTimer(this.#options.clock, remainingMs, () => this.look());
      return;
    }
    this.#isOver = true;
    this.#options.onExpired();
  }

  #remainingMs({ credentials }: CachedCredentials): number {
    const { clock, marginMs } = this.#options;
    return honestRemainingMs(credentials, clock.now(), marginMs);
  }
}
