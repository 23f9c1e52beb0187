/** One sidecar of a simulated fleet: its schedule is the program's, by the pure functions that its credential cache calls. */
import type { CachedCredentials } from "../../src/cache/cached-credentials.ts";
import { nextRefreshAt, outageOf, type Standing, waitAfter } from "../../src/cache/next-refresh.ts";
import { judge, type Outcome } from "../../src/cache/outcome.ts";
import type { Credentials } from "../../src/credentials.ts";
import type { Random } from "../../src/policy/random.ts";
import { afterCall, firstRegion, healthy, type RegionHealth } from "../../src/policy/region-failover.ts";
import { honestExpiration } from "../../src/policy/reported-expiration.ts";
import { earlyRetryAfterMs } from "../../src/policy/retry-schedule.ts";
import { MINUTE } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import type { Call, CallResult } from "./sts.ts";

/** The program's defaults. */
export const MINIMUM_LIFETIME_MS = 25 * MINUTE;
export const MARGIN_MS = MINUTE;

export interface PodOptions {
  readonly startsAt: number;
  readonly sessionMs: number;
  /** Ms between the reads of its applications; undefined when nobody reads. */
  readonly readEveryMs: number | undefined;
  /** Regions of STS by name, home first. */
  readonly regions: readonly string[];
  readonly random: Random;
}

/** What a pod does when its time has come. */
export type Step =
  | { readonly kind: "call"; readonly region: string }
  /** An attempt ended; `gained` is true when it brought credentials. */
  | { readonly kind: "settled"; readonly gained: boolean };

const failures: Readonly<Record<Exclude<CallResult, "answered">, UpstreamFailure>> = {
  throttled: new UpstreamFailure("throttled", "simulated"),
  down: new UpstreamFailure("unavailable", "simulated"),
  denied: new UpstreamFailure("denied", "simulated"),
};
const regionResults = { answered: "answered", throttled: "throttled", down: "down", denied: "refused" } as const;

let issued = 0;

function session(expiration: number): Credentials {
  issued += 1;
  return {
    accessKeyId: `ASIAFAKE${issued}`,
    secretAccessKey: "fake",
    sessionToken: "fake",
    lifetime: { kind: "until", expiration },
    accountId: undefined,
    roleArn: undefined,
  };
}

export class Pod {
  readonly #options: PodOptions;
  /** When something happens next, in ms. */
  at: number;
  /** When the honest lifetime of what it serves ends; the distant past when it has nothing. */
  servesUntil = Number.NEGATIVE_INFINITY;
  #cached: CachedCredentials | undefined;
  #health: RegionHealth = healthy;
  /** Set while a call is in flight. */
  #call: { readonly region: string; readonly result: CallResult } | undefined;
  #asked: readonly string[] = [];
  #failures = 0;
  #failingSince = 0;
  #attemptBegan = 0;

  constructor(options: PodOptions) {
    this.#options = options;
    this.at = options.startsAt;
  }

  get isRead(): boolean {
    return this.#options.readEveryMs !== undefined;
  }

  /** The real lifetime left at the moment `at`, in ms. */
  leftAt(at: number): number {
    const lifetime = this.#cached?.credentials.lifetime;
    return lifetime?.kind === "until" ? lifetime.expiration - at : 0;
  }

  /** Loses everything, as a container does that is replaced, and begins anew. */
  restart(at: number): void {
    this.#cached = undefined;
    this.servesUntil = Number.NEGATIVE_INFINITY;
    this.#health = healthy;
    this.#call = undefined;
    this.#asked = [];
    this.#failures = 0;
    this.at = at;
  }

  /** Does what is due now. A `call` must be answered by {@link called} before the next step. */
  step(): Step {
    const ended = this.#call;
    if (ended === undefined) {
      this.#attemptBegan = this.at;
      return this.#ask(firstRegion(this.#options.regions, this.#health));
    }
    this.#call = undefined;
    const { regions } = this.#options;
    const { region } = ended;
    const after = afterCall(this.#health, {
      regions,
      region,
      result: regionResults[ended.result],
      asked: this.#asked,
    });
    this.#health = after.health;
    return after.next === undefined ? this.#settle(ended.result) : this.#ask(after.next);
  }

  called(region: string, { result, tookMs }: Call): void {
    this.#call = { region, result };
    this.at += tookMs;
  }

  #ask(region: string): Step {
    this.#asked = [...this.#asked, region];
    return { kind: "call", region };
  }

  #settle(result: CallResult): Step {
    const { at: now } = this;
    const afterFailures = this.#failures > 0;
    const outcome = this.#outcome(result);
    if (outcome.kind === "failed") {
      this.#failures += 1;
      if (this.#failures === 1) this.#failingSince = this.#attemptBegan;
    } else {
      this.#failures = 0;
      this.#cached = outcome.cached;
      this.servesUntil = honestExpiration(outcome.cached.credentials, now, MARGIN_MS);
    }
    this.#asked = [];
    const { random } = this.#options;
    const next = nextRefreshAt({ ...this.#standing(now), outcome, afterFailures, isForced: false, random });
    this.at = outcome.kind === "failed" ? this.#broughtForward(outcome.failure, next) : next;
    return { kind: "settled", gained: outcome.kind === "refreshed" };
  }

  #outcome(result: CallResult): Outcome {
    if (result !== "answered") return { kind: "failed", failure: failures[result] };
    const { at: now } = this;
    // The session begins when STS answers.
    const given = session(now + this.#options.sessionMs);
    return judge({
      given,
      cached: this.#cached,
      isCurrent: this.servesUntil > now,
      isForced: false,
      now,
      marginMs: MARGIN_MS,
    });
  }

  /** The first read that finds nothing brings the next attempt forward, if the last is long enough ago. */
  #broughtForward(failure: UpstreamFailure, next: number): number {
    const { readEveryMs, startsAt } = this.#options;
    if (readEveryMs === undefined) return next;
    const { at: endedAt } = this;
    const findsNothingAt = Math.max(endedAt, this.servesUntil);
    const outage = outageOf(this.#standing(findsNothingAt), failure);
    const earliest = endedAt + earlyRetryAfterMs(outage, waitAfter(failure, endedAt, next));
    const reads = Math.ceil((Math.max(findsNothingAt, earliest) - startsAt) / readEveryMs);
    return Math.min(next, startsAt + reads * readEveryMs);
  }

  #standing(now: number): Standing {
    return {
      cached: this.#cached,
      failures: this.#failures,
      failingForMs: now - this.#failingSince,
      now,
      callers: "fleet",
      minimumLifetimeMs: MINIMUM_LIFETIME_MS,
      marginMs: MARGIN_MS,
    };
  }
}
