import assert from "node:assert/strict";
import { type Credentials, checkCredentials } from "../../src/credentials.ts";
import type { Callers } from "../../src/policy/retry-schedule.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import type { FakeClock } from "./fake-clock.ts";
import { readDuration, type UpstreamAnswer, type UpstreamError } from "./scenario-format.ts";

type CallState = "in flight" | "given up" | "answered";

interface Call {
  readonly settle: PromiseWithResolvers<Credentials>;
  state: CallState;
}

/** The upstream of a scenario: its calls wait for the steps that answer them, and its credentials have names. */
export class ScenarioUpstream implements Upstream {
  readonly description = "scenario";
  readonly timeoutMs = 15_000;
  readonly callers: Callers;
  readonly #clock: FakeClock;
  readonly #onCall: () => void;
  readonly #calls: Call[] = [];
  readonly #issued = new Map<string, Credentials>();

  constructor(clock: FakeClock, callers: Callers, onCall: () => void) {
    this.callers = callers;
    this.#clock = clock;
    this.#onCall = onCall;
  }

  async fetch(): Promise<Credentials> {
    this.#onCall();
    const call: Call = { settle: Promise.withResolvers(), state: "in flight" };
    this.#calls.push(call);
    return await call.settle.promise;
  }

  /** The credential cache's attempt is over; a call that is still in flight was given up. */
  attemptEnded(): void {
    for (const call of this.#calls) if (call.state === "in flight") call.state = "given up";
  }

  answer(state: CallState, answer: UpstreamAnswer): void {
    const { resolve, reject } = this.#take(state);
    // As every real upstream does with what a provider gives.
    const checked = checkCredentials(this.#provided(answer), { roleArn: undefined, unlimitedAllowed: true });
    if (checked.kind === "malformed") {
      reject(new UpstreamFailure("malformed", checked.fault));
      return;
    }
    this.#issued.set(answer.credentials, checked.credentials);
    resolve(checked.credentials);
  }

  fail({ name = "Error", code, status }: UpstreamError): void {
    const $metadata = { httpStatusCode: status };
    this.#take("in flight").reject(Object.assign(new Error("simulated"), { name, code, $metadata }));
  }

  /** The name of the credentials that have this secret. */
  named(secret: string): readonly [name: string, credentials: Credentials] {
    const found = [...this.#issued].find(([, { secretAccessKey }]) => secretAccessKey === secret);
    return found ?? assert.fail("credentials that upstream never gave");
  }

  #take(state: CallState): PromiseWithResolvers<Credentials> {
    const call = this.#calls.find((one) => one.state === state) ?? assert.fail(`no call is ${state}`);
    call.state = "answered";
    return call.settle;
  }

  /** Credentials of a name that was answered before are that answer again, byte for byte. */
  #provided({ credentials: name, lifetime, "key of": keyOf = name, fields = {} }: UpstreamAnswer) {
    const known = this.#issued.get(name);
    assert.equal(
      known === undefined,
      lifetime !== undefined,
      `"${name}" needs a lifetime the first time, and only then`,
    );
    const expiration = known === undefined ? this.#expirationAfter(lifetime ?? "") : dateOf(known);
    return {
      accessKeyId: `ASIAFAKE${keyOf.toUpperCase().padStart(8, "0")}`,
      secretAccessKey: `fake-secret-${name}`,
      sessionToken: (known?.lifetime.kind ?? lifetime) === "unlimited" ? "" : `fake-token-${name}`,
      expiration,
      ...fields,
    };
  }

  #expirationAfter(lifetime: string): Date | undefined {
    return lifetime === "unlimited" || lifetime === "unknown"
      ? undefined
      : new Date(this.#clock.now() + readDuration(lifetime));
  }
}

function dateOf({ lifetime }: Credentials): Date | undefined {
  return lifetime.kind === "until" ? new Date(lifetime.expiration) : undefined;
}
