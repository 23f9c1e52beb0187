import type { Credentials } from "../../src/credentials.ts";
import { type FailureKind, UpstreamFailure } from "../../src/upstream/failure.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import type { FakeClock } from "./fake-clock.ts";
import { fakeCredentials } from "./upstreams.ts";

/** What upstream does with a call. Times in ms. */
export type UpstreamBehaviour =
  | { readonly kind: "issues"; readonly lifetime: number }
  /** Gives the same session, as IMDS and kiam do, until no more than `refreshesAt` of it is left. */
  | { readonly kind: "caches"; readonly lifetime: number; readonly refreshesAt: number }
  | { readonly kind: "fails"; readonly failure: FailureKind }
  | { readonly kind: "hangs" };

/** An upstream whose behaviour and latency the tests change. */
export class SimulatedUpstream implements Upstream {
  readonly description = "simulated";
  readonly timeoutMs = 15_000;
  readonly givenFor = "simulated";
  readonly #clock: FakeClock;
  readonly #expirations = new Map<string, number>();
  /** When each call began, by the wall clock. */
  readonly calls: number[] = [];
  behaviour: UpstreamBehaviour = { kind: "hangs" };
  latency = 0;
  #last: Credentials | undefined;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async askedFor(): Promise<string> {
    return this.givenFor;
  }

  async fetch(): Promise<Credentials> {
    this.calls.push(this.#clock.now());
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#clock.setTimer(this.latency, resolve);
    await promise;
    return await this.#answer();
  }

  /** When the last session that it issued really expires; the distant past when it issued none. */
  get lastExpiration(): number {
    return this.#last === undefined ? Number.NEGATIVE_INFINITY : this.expirationOf(this.#last.accessKeyId);
  }

  /** The real expiration of credentials that this upstream issued. */
  expirationOf(accessKeyId: string): number {
    const expiration = this.#expirations.get(accessKeyId);
    if (expiration === undefined) throw new Error("upstream never issued these credentials");
    return expiration;
  }

  #answer(): Credentials | Promise<never> {
    const { behaviour } = this;
    switch (behaviour.kind) {
      case "issues":
        return this.#issue(behaviour.lifetime);
      case "caches":
        return this.#cached(behaviour.refreshesAt) ?? this.#issue(behaviour.lifetime);
      case "fails":
        throw new UpstreamFailure(behaviour.failure, "simulated");
      case "hangs":
        return new Promise(() => {});
    }
  }

  #issue(lifetime: number): Credentials {
    const expiration = this.#clock.now() + lifetime;
    this.#last = fakeCredentials(expiration);
    this.#expirations.set(this.#last.accessKeyId, expiration);
    return this.#last;
  }

  #cached(refreshesAt: number): Credentials | undefined {
    if (this.#last === undefined) return undefined;
    const left = this.expirationOf(this.#last.accessKeyId) - this.#clock.now();
    return left > refreshesAt ? this.#last : undefined;
  }
}
