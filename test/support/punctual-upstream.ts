import assert from "node:assert/strict";
import type { Credentials } from "../../src/credentials.ts";
import { HOUR } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import type { FakeClock } from "./fake-clock.ts";
import { fakeCredentials } from "./upstreams.ts";

export type UpstreamHealth = "issues" | "repeats" | "fails";

/** Its clock is never wrong, and its expirations are by the wall clock of the moment in which it issues a session. */
export class PunctualUpstream implements Upstream {
  readonly description = "punctual";
  readonly timeoutMs = 15_000;
  readonly givenFor = "punctual";
  readonly #clock: FakeClock;
  readonly #endsAtMonotonicMs = new Map<string, number>();
  #last: Credentials | undefined;
  behaviour: UpstreamHealth = "issues";
  lifetimeMs = HOUR;
  calls = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async askedFor(): Promise<string> {
    return this.givenFor;
  }

  async fetch(): Promise<Credentials> {
    this.calls += 1;
    if (this.behaviour === "fails") throw new UpstreamFailure("unavailable", "simulated");
    if (this.behaviour === "repeats" && this.#last !== undefined) return this.#last;
    this.#last = fakeCredentials(this.#clock.now() + this.lifetimeMs);
    this.#endsAtMonotonicMs.set(this.#last.accessKeyId, this.#clock.monotonicMs() + this.lifetimeMs);
    return this.#last;
  }

  /** How long these credentials really live. */
  leftMs(accessKeyId: string): number {
    return (this.#endsAtMonotonicMs.get(accessKeyId) ?? assert.fail()) - this.#clock.monotonicMs();
  }

  /** When they really end, by the wall clock of now. */
  endsAt(accessKeyId: string): number {
    return this.#clock.now() + this.leftMs(accessKeyId);
  }
}
