/** When somebody asks for new credentials now: how often that is heard, and which attempt answers it. */
import type { Clock } from "../edge.ts";
import { MINUTE } from "../time.ts";
import type { UpstreamFailure } from "../upstream/failure.ts";
import type { Outcome } from "./outcome.ts";

/** Anybody in the pod may ask, so an upstream gets no more calls by it than in the slow part of a cold start. */
const EVERY_MS = MINUTE;

/**
 * How a forced refresh ended. `unchanged`: upstream caches its sessions, and gave the cached one again. `stopped`: the
 * sidecar was stopped before.
 */
export type ForcedResult =
  | { readonly kind: "refreshed"; readonly expiration: number | undefined }
  | { readonly kind: "unchanged" | "stopped" }
  | { readonly kind: "failed"; readonly failure: UpstreamFailure };

export type ForcedRefresh =
  | { readonly kind: "accepted"; readonly result: Promise<ForcedResult> }
  /** The last one was accepted less than a minute ago. */
  | { readonly kind: "too-soon"; readonly retryAfterMs: number };

/**
 * The forced refreshes of one identity. The attempt in flight answers none, because its session may have been issued before
 * the moment that the request is about. One that failed stays wanted: the next attempt may replace the cached credentials
 * just as well.
 */
export class ForcedRefreshes {
  readonly #clock: Clock;
  #acceptedAtMonotonicMs: number | undefined;
  #isWanted = false;
  #attemptIsForced = false;
  /** No attempt has begun since they were asked for. */
  #waiting: ((result: ForcedResult) => void)[] = [];
  /** The attempt in flight began after they were asked for. */
  #inFlight: ((result: ForcedResult) => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Accepted at most once a minute, by the monotonic clock. */
  ask(): ForcedRefresh {
    const now = this.#clock.monotonicMs();
    const sinceMs = now - (this.#acceptedAtMonotonicMs ?? Number.NEGATIVE_INFINITY);
    if (sinceMs < EVERY_MS) return { kind: "too-soon", retryAfterMs: EVERY_MS - sinceMs };
    const { promise, resolve } = Promise.withResolvers<ForcedResult>();
    this.#acceptedAtMonotonicMs = now;
    this.#isWanted = true;
    this.#waiting.push(resolve);
    return { kind: "accepted", result: promise };
  }

  /** True when an attempt should begin at once. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** True when nothing that upstream gave since has answered one. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** One was wanted when the sidecar was stopped. */
  want(): void {
    this.#isWanted = true;
  }

  /** True when the attempt in flight, or the last one, replaces the cached credentials whatever it gives. */
  get attemptIsForced(): boolean {
    return this.#attemptIsForced;
  }

  onAttemptBegan(): void {
    this.#attemptIsForced = this.#isWanted;
    this.#inFlight = this.#waiting;
    this.#waiting = [];
  }

  onAttemptEnded(outcome: Outcome): void {
    const result = resultOf(outcome);
    if (result.kind !== "failed" && this.#attemptIsForced) this.#isWanted = this.isWaiting;
    for (const tell of this.#inFlight) tell(result);
    this.#inFlight = [];
  }

  stop(): void {
    for (const tell of [...this.#waiting, ...this.#inFlight]) tell({ kind: "stopped" });
    this.#waiting = [];
    this.#inFlight = [];
  }
}

function resultOf(outcome: Outcome): ForcedResult {
  if (outcome.kind === "failed") return outcome;
  if (outcome.kind !== "refreshed") return { kind: "unchanged" };
  const { lifetime } = outcome.cached.credentials;
  return { kind: "refreshed", expiration: lifetime.kind === "until" ? lifetime.expiration : undefined };
}
