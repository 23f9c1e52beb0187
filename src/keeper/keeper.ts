import pRetry from "p-retry";
import type { Credentials } from "../credentials.ts";
import type { Edge } from "../edge.ts";
import { hastenAfter, type Outage, renewAt, retryDelay, retryUnchangedAt } from "../lifetime/renewal.ts";
import { honestRemaining } from "../lifetime/reported.ts";
import { classify, isFinal, UpstreamFailure } from "../upstream/failure.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { attempt } from "./attempt.ts";
import { Pause } from "./pause.ts";

/** Credentials as they are held. Immutable: a renewal swaps the whole. */
export interface Held {
  readonly credentials: Credentials;
  readonly obtainedAt: number;
  /** Counts the swaps; equal generations are equal answers. */
  readonly generation: number;
}

/** What is known about one identity. All times in ms by the wall clock. */
export interface KeeperState {
  readonly held: Held | undefined;
  /** The failure of the last attempt; undefined when it succeeded or none has ended. */
  readonly failure: UpstreamFailure | undefined;
  readonly nextTryAt: number | undefined;
}

/** How an attempt ended. `unchanged` and `shorter` are successes that leave what is held. */
export type Outcome =
  | { readonly kind: "renewed"; readonly held: Held }
  | { readonly kind: "unchanged" }
  | { readonly kind: "shorter" }
  | { readonly kind: "failed"; readonly failure: UpstreamFailure };

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
    const { upstream, edge } = this.#options;
    const startedAt = edge.clock.now();
    try {
      this.#end(this.#accept(await attempt(upstream, edge.clock)), startedAt);
    } catch (thrown) {
      const failure = classify(thrown, edge.clock.now());
      this.#end({ kind: "failed", failure }, startedAt);
      throw failure;
    }
  }

  /** Decides what becomes of an answer. Nothing worse than what is held ever replaces it. */
  #accept(credentials: Credentials): Outcome {
    const now = this.#options.edge.clock.now();
    if (honestRemaining(credentials, now, this.#options.margin) <= 0) {
      throw new UpstreamFailure("expired", "upstream gave credentials whose lifetime is over, or this clock is ahead");
    }
    if (this.#held !== undefined && isSame(credentials, this.#held.credentials)) return { kind: "unchanged" };
    if (this.#held !== undefined && isShorter(credentials, this.#held.credentials)) return { kind: "shorter" };
    this.#held = { credentials, obtainedAt: now, generation: (this.#held?.generation ?? 0) + 1 };
    return { kind: "renewed", held: this.#held };
  }

  #end(outcome: Outcome, startedAt: number): void {
    if (this.#stop.signal.aborted) return;
    const now = this.#options.edge.clock.now();
    this.#failure = outcome.kind === "failed" ? outcome.failure : undefined;
    this.#failures = outcome.kind === "failed" ? this.#failures + 1 : 0;
    this.#lastEndedAt = now;
    this.#nextTryAt = this.#scheduleAfter(outcome, now);
    const { identity } = this;
    this.#options.events.onAttempt({ identity, outcome, tookMs: now - startedAt, nextTryAt: this.#nextTryAt });
    if (this.current() !== undefined || isFinal(this.#failure)) this.#release();
  }

  #scheduleAfter(outcome: Outcome, now: number): number {
    const { floor, edge } = this.#options;
    switch (outcome.kind) {
      case "renewed":
        return renewAt({ ...outcome.held, floor, random: edge.random });
      case "failed":
        return now + retryDelay(this.#outage(outcome.failure), edge.random);
      default:
        return this.#held === undefined ? now : retryUnchangedAt(now, this.#held.credentials);
    }
  }

  #outage(failure: UpstreamFailure): Outage {
    const held = this.#held;
    const remaining = held === undefined ? 0 : this.#remaining(held);
    if (held !== undefined && remaining > 0) return { kind: "warm", remaining, length: lengthOf(held) };
    if (isFinal(failure)) return { kind: "final", failures: this.#failures };
    return held === undefined ? { kind: "cold", failures: this.#failures } : { kind: "expired" };
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
    const since = this.#options.edge.clock.now() - (this.#lastEndedAt ?? 0);
    if (since < hastenAfter(this.#failure === undefined ? "none" : isFinal(this.#failure) ? "final" : "passing"))
      return;
    this.#pause?.end();
    this.#pause = undefined;
  }

  #remaining({ credentials }: Held): number {
    return honestRemaining(credentials, this.#options.edge.clock.now(), this.#options.margin);
  }

  #release(): void {
    for (const resolve of this.#waiting) resolve();
  }
}

function isSame(a: Credentials, b: Credentials): boolean {
  return a.accessKeyId === b.accessKeyId && expirationOf(a) === expirationOf(b);
}

/** Static keys that became temporary ones, or the reverse, are another set-up, not a worse answer. */
function isShorter(given: Credentials, held: Credentials): boolean {
  if (given.lifetime.kind !== "until" || held.lifetime.kind !== "until") return false;
  return given.lifetime.expiration < held.lifetime.expiration;
}

function expirationOf({ lifetime }: Credentials): number {
  return lifetime.kind === "until" ? lifetime.expiration : Number.POSITIVE_INFINITY;
}

function lengthOf({ credentials, obtainedAt }: Held): number {
  return expirationOf(credentials) - obtainedAt;
}
