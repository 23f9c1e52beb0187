import pRetry from "p-retry";
import type { Edge } from "../edge.ts";
import { hastenAfter } from "../lifetime/renewal.ts";
import { honestRemaining } from "../lifetime/reported.ts";
import { isRecent } from "../recent.ts";
import { classify, isFinal, type UpstreamFailure } from "../upstream/failure.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { attempt } from "./attempt.ts";
import { type Held, judge, nextTryAt, type Outcome } from "./outcome.ts";
import { Pause } from "./pause.ts";

/** What is known about one identity. All times in ms by the wall clock. */
export interface KeeperState {
  readonly held: Held | undefined;
  /** The failure of the last attempt; undefined when it succeeded or none has ended. */
  readonly failure: UpstreamFailure | undefined;
  readonly nextTryAt: number | undefined;
}

/** An attempt ended: how, how long it took in ms, and when the next is due. */
export interface AttemptEvent {
  readonly identity: string;
  readonly outcome: Outcome;
  readonly tookMs: number;
  readonly nextTryAt: number;
}

export interface KeeperEvents {
  readonly onAttempt: (event: AttemptEvent) => void;
  /** A reader joined a flight instead of making a call of its own. */
  readonly onCoalesced: (identity: string) => void;
}

export interface KeeperOptions {
  readonly identity: string;
  readonly upstream: Upstream;
  /** Floor and margin in ms. */
  readonly floor: number;
  readonly margin: number;
  readonly edge: Pick<Edge, "clock" | "random">;
  readonly events: KeeperEvents;
}

/**
 * Keeps one identity's credentials: one flight at a time, renewal on its own clock, and what is held survives every
 * failure until its honest lifetime ends. Readers never start or stop a flight; they look, or wait for the next one.
 */
export class Keeper {
  readonly identity: string;
  readonly #options: KeeperOptions;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<() => void>();
  #held: Held | undefined;
  #failure: UpstreamFailure | undefined;
  #failures = 0;
  #lastEndedAt: number | undefined;
  #nextTryAt: number | undefined;
  #pause: Pause | undefined;

  constructor(options: KeeperOptions) {
    this.identity = options.identity;
    this.#options = options;
  }

  /** Begins to fetch and renew, until {@link stop}. */
  start(): void {
    void this.#run();
  }

  /** Ends renewal and lets every waiting reader go. An attempt in the air is left to its time-out. */
  stop(): void {
    this.#stop.abort();
    this.#pause?.end();
    this.#release();
  }

  get state(): KeeperState {
    return { held: this.#held, failure: this.#failure, nextTryAt: this.#nextTryAt };
  }

  /** What may be served now: undefined before the first success and past the honest expiration. */
  current(): Held | undefined {
    const held = this.#held;
    return held !== undefined && this.#remaining(held) > 0 ? held : undefined;
  }

  /**
   * What may be served within `limitMs`: waits for the flight in progress, hastens one that is only paused, and gives
   * up at once when upstream has just refused.
   */
  async wait(limitMs: number): Promise<Held | undefined> {
    this.#hasten();
    if (this.#pause !== undefined && isFinal(this.#failure)) return this.current();
    this.#options.events.onCoalesced(this.identity);
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.edge.clock.setTimer(limitMs, resolve);
    this.#waiting.add(resolve);
    await promise;
    cancel();
    this.#waiting.delete(resolve);
    return this.current();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const onFailedAttempt = () => this.#pauseUntilNextTry();
    while (!signal.aborted) {
      try {
        // The schedule is ours, in onFailedAttempt: p-retry has neither full jitter nor a clock to bring.
        const retries = Number.POSITIVE_INFINITY;
        await pRetry(() => this.#attempt(), { retries, minTimeout: 0, signal, onFailedAttempt });
        await this.#pauseUntilNextTry();
      } catch {
        // Only the signal ends the retries, and then the loop.
      }
    }
  }

  async #attempt(): Promise<void> {
    const { clock } = this.#options.edge;
    const startedAt = clock.now();
    const outcome = await this.#outcome();
    this.#end(outcome, startedAt, clock.now());
    if (outcome.kind === "failed") throw outcome.failure;
  }

  async #outcome(): Promise<Outcome> {
    const { upstream, edge, margin } = this.#options;
    try {
      const credentials = await attempt(upstream, edge.clock);
      return judge(credentials, this.#held, edge.clock.now(), margin);
    } catch (thrown) {
      return { kind: "failed", failure: classify(thrown, edge.clock.now()) };
    }
  }

  #end(outcome: Outcome, startedAt: number, now: number): void {
    if (this.#stop.signal.aborted) return;
    const { floor, margin, edge, events } = this.#options;
    if (outcome.kind === "renewed") this.#held = outcome.held;
    this.#failure = outcome.kind === "failed" ? outcome.failure : undefined;
    this.#failures = outcome.kind === "failed" ? this.#failures + 1 : 0;
    this.#lastEndedAt = now;
    const [held, failures, { random }] = [this.#held, this.#failures, edge];
    this.#nextTryAt = nextTryAt({ outcome, held, failures, now, floor, margin, random });
    events.onAttempt({ identity: this.identity, outcome, tookMs: now - startedAt, nextTryAt: this.#nextTryAt });
    if (this.current() !== undefined || isFinal(this.#failure)) this.#release();
  }

  async #pauseUntilNextTry(): Promise<void> {
    const { clock } = this.#options.edge;
    if (this.#stop.signal.aborted) return;
    this.#pause = new Pause(clock, (this.#nextTryAt ?? clock.now()) - clock.now());
    await this.#pause.done;
    this.#pause = undefined;
  }

  /** A reader found nothing: brings the next try forward, unless the last is too recent. */
  #hasten(): void {
    const now = this.#options.edge.clock.now();
    if (isRecent(this.#lastEndedAt, now, hastenAfter(this.#lastFailure()))) return;
    this.#pause?.end();
    this.#pause = undefined;
  }

  /** A denial after what was held has ended is no policy that was just attached, and all pods of a role come here at once. */
  #lastFailure(): "none" | "final" | "passing" {
    if (this.#failure === undefined) return "none";
    return isFinal(this.#failure) && this.#held === undefined ? "final" : "passing";
  }

  #remaining({ credentials }: Held): number {
    return honestRemaining(credentials, this.#options.edge.clock.now(), this.#options.margin);
  }

  #release(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
