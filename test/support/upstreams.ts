import type { Credentials } from "../../src/credentials.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";

let issued = 0;

/** Credentials that look fake; `expiration` in ms, or none for static keys. */
export function fakeCredentials(expiration: number | undefined, given: Partial<Credentials> = {}): Credentials {
  issued += 1;
  return {
    accessKeyId: `ASIAFAKE${String(issued).padStart(12, "0")}`,
    secretAccessKey: `fake-secret-${issued}`,
    sessionToken: `fake-token-${issued}`,
    lifetime: expiration === undefined ? { kind: "unlimited" } : { kind: "until", expiration },
    accountId: undefined,
    roleArn: undefined,
    ...given,
  };
}

/** An upstream whose every call waits until the test settles it. */
export class GatedUpstream implements Upstream {
  readonly description = "gated";
  readonly timeoutMs = 15_000;
  /** Calls begun so far. */
  calls = 0;
  readonly #waiting: PromiseWithResolvers<Credentials>[] = [];

  fetch(): Promise<Credentials> {
    this.calls += 1;
    const gate = Promise.withResolvers<Credentials>();
    this.#waiting.push(gate);
    return gate.promise;
  }

  /** Answers the oldest call in flight. */
  answer(credentials: Credentials): void {
    this.#next().resolve(credentials);
  }

  fail(error: unknown): void {
    this.#next().reject(error);
  }

  #next(): PromiseWithResolvers<Credentials> {
    const gate = this.#waiting.shift();
    if (gate === undefined) throw new Error("no call is in flight");
    return gate;
  }
}

/** An upstream that answers each call by a function of its number, from 1. */
export function upstreamOf(answer: (call: number) => Credentials | Promise<Credentials>): Upstream & { calls: number } {
  return {
    description: "scripted",
    timeoutMs: 15_000,
    calls: 0,
    async fetch() {
      this.calls += 1;
      return await answer(this.calls);
    },
  };
}
