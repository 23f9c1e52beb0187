import pRetry from "p-retry";
import type { Edge } from "../edge.ts";
import { earlyRetryAfterMs } from "../policy/refresh-schedule.ts";
import { honestRemainingMs } from "../policy/reported-expiration.ts";
import { isRecent } from "../time.ts";
import { classify, isFinal, type UpstreamFailure } from "../upstream/failure.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { attempt } from "./attempt.ts";
import { Backoff } from "./backoff.ts";
import { type CachedCredentials, judge, nextRefreshAt, type Outcome } from "./outcome.ts";

/** What is known about one identity. All times in ms by the wall clock. */
export interface CacheState {
  readonly cached: CachedCredentials | undefined;
  /** The failure of the last attempt; undefined when it succeeded or none has ended. */
  readonly failure: UpstreamFailure | undefined;
  readonly nextRefreshAt: number | undefined;
}

/** An attempt ended: how, how long it took in ms, and when the next is due. */
export interface AttemptEvent {
  readonly identity: string;
  readonly outcome: Outcome;
  readonly tookMs: number;
  readonly nextRefreshAt: number;
}

export interface CredentialCacheEvents {
  readonly onAttempt: (event: AttemptEvent) => void;
  /** A reader joined a flight instead of making a call of its own. */
  readonly onCoalesced: (identity: string) => void;
}

export interface CredentialCacheOptions {
  readonly identity: string;
  readonly upstream: Upstream;
  /** Floor and margin in ms. */
  readonly minimumLifetimeMs: number;
  readonly marginMs: number;
  readonly edge: Pick<Edge, "clock" | "random">;
  readonly events: CredentialCacheEvents;
}

/**
 * Keeps one identity's credentials: one flight at a time, renewal on its own clock, and what is held survives every
 * failure until its honest lifetime ends. Readers never start or stop a flight; they look, or wait for the next one.
 */
export class CredentialCache {
  readonly identity: string;
  readonly #options: CredentialCacheOptions;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<() => void>();
  #cached: CachedCredentials | undefined;
  #failure: UpstreamFailure | undefined;
  #failures = 0;
  #lastEndedAt: number | undefined;
  #nextRefreshAt: number | undefined;
  #backoff: Backoff | undefined;

  constructor(options: CredentialCacheOptions) {
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
    this.#backoff?.end();
    this.#release();
  }

  get state(): CacheState {
    return { cached: this.#cached, failure: this.#failure, nextRefreshAt: this.#nextRefreshAt };
  }

  /** What may be served now: undefined before the first success and past the honest expiration. */
  current(): CachedCredentials | undefined {
    const cached = this.#cached;
    return cached !== undefined && this.#remaining(cached) > 0 ? cached : undefined;
  }

  /**
   * What may be served within `limitMs`: waits for the flight in progress, hastens one that is only paused, and gives
   * up at once when upstream has just refused.
   */
  async wait(limitMs: number): Promise<CachedCredentials | undefined> {
    this.#endBackoffEarly();
    if (this.#backoff !== undefined && isFinal(this.#failure)) return this.current();
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
    const onFailedAttempt = () => this.#backOff();
    while (!signal.aborted) {
      try {
        // The schedule is ours, in onFailedAttempt: p-retry has neither full jitter nor a clock to bring.
        const retries = Number.POSITIVE_INFINITY;
        await pRetry(() => this.#attempt(), { retries, minTimeout: 0, signal, onFailedAttempt });
        await this.#backOff();
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
    const { upstream, edge, marginMs } = this.#options;
    try {
      const credentials = await attempt(upstream, edge.clock);
      return judge(credentials, this.#cached, edge.clock.now(), marginMs);
    } catch (thrown) {
      return { kind: "failed", failure: classify(thrown, edge.clock.now()) };
    }
  }

  #end(outcome: Outcome, startedAt: number, now: number): void {
    if (this.#stop.signal.aborted) return;
    const { minimumLifetimeMs, marginMs, edge, events } = this.#options;
    if (outcome.kind === "refreshed") this.#cached = outcome.cached;
    this.#failure = outcome.kind === "failed" ? outcome.failure : undefined;
    this.#failures = outcome.kind === "failed" ? this.#failures + 1 : 0;
    this.#lastEndedAt = now;
    const [cached, failures, { random }] = [this.#cached, this.#failures, edge];
    this.#nextRefreshAt = nextRefreshAt({ outcome, cached, failures, now, minimumLifetimeMs, marginMs, random });
    events.onAttempt({ identity: this.identity, outcome, tookMs: now - startedAt, nextRefreshAt: this.#nextRefreshAt });
    if (this.current() !== undefined || isFinal(this.#failure)) this.#release();
  }

  async #backOff(): Promise<void> {
    const { clock } = this.#options.edge;
    if (this.#stop.signal.aborted) return;
    this.#backoff = new Backoff(clock, (this.#nextRefreshAt ?? clock.now()) - clock.now());
    await this.#backoff.done;
    this.#backoff = undefined;
  }

  /** A reader found nothing: brings the next try forward, unless the last is too recent. */
  #endBackoffEarly(): void {
    const now = this.#options.edge.clock.now();
    if (isRecent(this.#lastEndedAt, now, earlyRetryAfterMs(this.#lastFailure()))) return;
    this.#backoff?.end();
    this.#backoff = undefined;
  }

  /** A denial after what was held has ended is no policy that was just attached, and all pods of a role come here at once. */
  #lastFailure(): "none" | "final" | "passing" {
    if (this.#failure === undefined) return "none";
    return isFinal(this.#failure) && this.#cached === undefined ? "final" : "passing";
  }

  #remaining({ credentials }: CachedCredentials): number {
    return honestRemainingMs(credentials, this.#options.edge.clock.now(), this.#options.marginMs);
  }

  #release(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
