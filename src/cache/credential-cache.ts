import pRetry from "p-retry";
import { isFinal, UpstreamFailure } from "../upstream/failure.ts";
import { attempt } from "./attempt.ts";
import { Backoff } from "./backoff.ts";
import { type CachedCredentials, type ClockReading, readClocks, type Snapshot } from "./cached-credentials.ts";
import { CurrentCredentials } from "./current-credentials.ts";
import { type ForcedBy, recovered } from "./events.ts";
import { Failures } from "./failures.ts";
import { type ForcedRefresh, ForcedRefreshes } from "./forced-refresh.ts";
import { mayRetryEarly, nextRefreshAt, type Standing } from "./next-refresh.ts";
import type { CacheState, CredentialCacheOptions } from "./options.ts";
import { judge, type Outcome } from "./outcome.ts";
import { restored } from "./restore.ts";
import { Waiters } from "./waiters.ts";

/**
 * Caches one identity's credentials: one flight at a time, refreshes on its own clock, and cached credentials survive
 * every failure until their honest lifetime ends. Reads never start or stop a flight; they look, or wait for the next.
 */
export class CredentialCache {
  readonly identity: string;
  readonly #options: CredentialCacheOptions;
  readonly #stop = new AbortController();
  readonly #waiters: Waiters;
  readonly #credentials: CurrentCredentials;
  readonly #forced: ForcedRefreshes;
  readonly #failures = new Failures();
  #attemptBegan: ClockReading;
  /** When {@link #nextRefreshAt} was set. */
  #scheduled: ClockReading | undefined;
  #nextRefreshAt: number | undefined;
  #backoff: Backoff | undefined;

  constructor(options: CredentialCacheOptions) {
    const { identity, marginMs, edge, events } = options;
    const onExpired = () =>
      events.onExpired({ identity, failures: this.#failures.count, failure: this.#failures.latest });
    this.identity = identity;
    this.#options = options;
    this.#attemptBegan = readClocks(edge.clock);
    this.#waiters = new Waiters(edge.clock);
    this.#forced = new ForcedRefreshes(edge.clock);
    this.#credentials = new CurrentCredentials({ clock: edge.clock, marginMs, onExpired });
  }

  /** Takes over what a process before this one had cached, before {@link start}. False when none of it may be served. */
  restore(snapshot: Snapshot): boolean {
    const now = readClocks(this.#options.edge.clock);
    const taken = restored(snapshot, now, this.#options.marginMs);
    if (taken === undefined) return false;
    this.#scheduled = now;
    this.#credentials.swap({ ...taken.cached, fromState: true }, taken.since);
    this.#nextRefreshAt = taken.nextRefreshAt;
    if (taken.isForced) this.#forced.want();
    return true;
  }

  /** What can be restored: credentials whose end is known, since the others are read again at once or have no known age. */
  get snapshot(): Snapshot | undefined {
    const { asGiven: cached, since } = this.#credentials;
    const [nextRefreshAt, scheduled] = [this.#nextRefreshAt, this.#scheduled];
    if (cached?.credentials.lifetime.kind !== "until" || nextRefreshAt === undefined || scheduled === undefined) {
      return undefined;
    }
    return { cached, since, nextRefreshAt, scheduled, isForced: this.#forced.isWanted };
  }

  /** Begins to fetch and refresh, until {@link stop}; at once, unless restored credentials are due later. */
  start(): void {
    void this.#run();
  }

  /** Ends the refreshes and lets every waiting read go. An attempt in flight is left to its time-out. */
  stop(): void {
    this.#stop.abort();
    this.#backoff?.end();
    this.#credentials.stop();
    this.#forced.stop();
    this.#waiters.release();
  }

  /**
   * Asks upstream now, at most once a minute. What it gives replaces the cached credentials, even when it ends sooner; if it
   * fails, they stay.
   */
  refreshNow(by: ForcedBy): ForcedRefresh {
    const forced = this.#forced.ask();
    const retryAfterMs = forced.kind === "too-soon" ? forced.retryAfterMs : undefined;
    this.#options.events.onForced({ identity: this.identity, by, retryAfterMs });
    if (this.#stop.signal.aborted) this.#forced.stop();
    else if (forced.kind === "accepted") this.#backoff?.end();
    return forced;
  }

  get state(): CacheState {
    return { cached: this.#credentials.cached, failure: this.#failures.latest, nextRefreshAt: this.#nextRefreshAt };
  }

  /** What may be served now: undefined before the first success and past the honest expiration. */
  current(): CachedCredentials | undefined {
    return this.#credentials.current();
  }

  /**
   * What may be served within `limitMs`: waits for the flight in progress, ends the backoff early where the next attempt
   * is only waiting, and gives up at once when upstream has just refused.
   */
  async wait(limitMs: number): Promise<CachedCredentials | undefined> {
    this.#endBackoffEarly();
    if (this.#backoff !== undefined && isFinal(this.#failures.latest)) return this.current();
    this.#options.events.onCoalesced(this.identity);
    await this.#waiters.wait(limitMs);
    return this.current();
  }

  /** Refreshes, retrying until an attempt succeeds, and sleeps until the next refresh is due. */
  async #run(): Promise<void> {
    const { signal } = this.#stop;
    // p-retry counts the attempts, repeats them and ends at the signal. It would wait by its own timer and without full
    // jitter, so each wait is in onFailedAttempt, by our clock and schedule, and its own is 0.
    const options = { signal, retries: Number.POSITIVE_INFINITY, minTimeout: 0 };
    const onFailedAttempt = ({ error, attemptNumber }: { readonly error: Error; readonly attemptNumber: number }) =>
      this.#onFailedAttempt(error, attemptNumber);
    try {
      if (this.#nextRefreshAt !== undefined) await this.#backOff();
      while (!signal.aborted) {
        const outcome = await pRetry(() => this.#refresh(), { ...options, onFailedAttempt });
        this.#settle(outcome, 0);
        await this.#backOff();
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
  }

  /** One attempt. Rejects with an `UpstreamFailure` and nothing else. */
  async #refresh(): Promise<Outcome> {
    const { upstream, edge, marginMs } = this.#options;
    const { clock } = edge;
    this.#attemptBegan = readClocks(clock);
    this.#forced.onAttemptBegan();
    const given = await attempt(upstream, clock);
    const { asGiven: cached } = this.#credentials;
    const { attemptIsForced: isForced } = this.#forced;
    const isCurrent = this.current() !== undefined;
    const outcome = judge({ given, cached, isCurrent, isForced, now: clock.now(), marginMs });
    if (outcome.kind === "failed") throw outcome.failure;
    return outcome;
  }

  async #onFailedAttempt(error: Error, failures: number): Promise<void> {
    // Anything else is the signal's own reason, which p-retry reports as a failed attempt.
    if (!(error instanceof UpstreamFailure)) return;
    this.#settle({ kind: "failed", failure: error }, failures);
    await this.#backOff();
  }

  /** Takes note of how an attempt ended; `failures` counts those since the last success. */
  #settle(outcome: Outcome, failures: number): void {
    if (this.#stop.signal.aborted) return;
    const { edge, events } = this.#options;
    const now = edge.clock.now();
    const before = { ...this.#standing(now), wasExpired: this.current() === undefined };
    this.#failures.note(outcome, failures, this.#attemptBegan.monotonicMs);
    this.#scheduled = readClocks(edge.clock);
    if (outcome.kind === "refreshed") this.#credentials.swap(outcome.cached, this.#attemptBegan);
    // A suspend may have passed the end without its timer.
    if (outcome.kind === "failed") this.#credentials.look();
    const afterFailures = before.failures > 0;
    const { attemptIsForced: isForced } = this.#forced;
    this.#nextRefreshAt = nextRefreshAt({
      ...this.#standing(now),
      outcome,
      afterFailures,
      isForced,
      random: edge.random,
    });
    this.#forced.onAttemptEnded(outcome);
    const tookMs = edge.clock.monotonicMs() - this.#attemptBegan.monotonicMs;
    events.onAttempt({ identity: this.identity, outcome, isForced, tookMs, nextRefreshAt: this.#nextRefreshAt });
    if (outcome.kind !== "failed" && afterFailures) events.onRecovered(recovered(this.identity, before));
    if (this.current() !== undefined || isFinal(this.#failures.latest)) this.#waiters.release();
  }

  async #backOff(): Promise<void> {
    const { clock } = this.#options.edge;
    if (this.#stop.signal.aborted || this.#forced.isWaiting) return;
    this.#backoff = new Backoff(clock, (this.#nextRefreshAt ?? clock.now()) - clock.now());
    await this.#backoff.done;
    this.#backoff = undefined;
  }

  /** A read found nothing: brings the next attempt forward, unless the last is too recent. */
  #endBackoffEarly(): void {
    const now = this.#options.edge.clock.now();
    const wait = { endedAt: this.#scheduled?.wall, nextAt: this.#nextRefreshAt };
    if (!mayRetryEarly(this.#standing(now), this.#failures.latest, wait)) return;
    this.#backoff?.end();
    this.#backoff = undefined;
  }

  #standing(now: number): Standing {
    const { edge, upstream, minimumLifetimeMs, marginMs } = this.#options;
    const { callers = "fleet" } = upstream;
    const failingForMs = this.#failures.lastedMs(edge.clock.monotonicMs());
    const { cached } = this.#credentials;
    return { cached, failures: this.#failures.count, failingForMs, now, callers, minimumLifetimeMs, marginMs };
  }
}
