import assert from "node:assert/strict";
import { type Credentials, checkCredentials } from "../../src/credentials.ts";
import type { AttemptEvent } from "../../src/keeper/keeper.ts";
import { findClient } from "../../src/lifetime/clients.ts";
import type { Answer } from "../../src/listeners/documents.ts";
import type { Read } from "../../src/listeners/reads.ts";
import { routeOf } from "../../src/listeners/routes.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { FakeClock, settle } from "./fake-clock.ts";
import { cycling, keep, readOf } from "./kept.ts";
import {
  type Expected,
  type ExpectedAnswer,
  type Given,
  readDuration,
  type Scenario,
  type Step,
  showDuration,
  type UpstreamAnswer,
  type UpstreamError,
} from "./scenario-format.ts";

/** A call of upstream: in the air until it is answered, or until the keeper has given it up. */
interface Call {
  readonly settle: PromiseWithResolvers<Credentials>;
  state: "in the air" | "given up" | "answered";
}

/** What happened since the step began. */
interface Happened {
  calls: number;
  readonly ends: { readonly outcome: string; readonly "next call in": string }[];
  readonly answers: ExpectedAnswer[];
}

/** Plays one scenario with the real keeper and the real reads. */
export class Stage {
  readonly #clock = new FakeClock();
  readonly #kept;
  readonly #calls: Call[] = [];
  readonly #issued = new Map<string, Credentials>();
  #waiting = 0;
  #happened: Happened = { calls: 0, ends: [], answers: [] };

  constructor({ random = 0.5, floor = "25m", margin = "60s", padding = "auto", client }: Given) {
    const fetch = () => this.#fetch();
    this.#kept = keep({
      clock: this.#clock,
      upstream: { description: "scenario", timeoutMs: 15_000, fetch },
      random: cycling([random].flat()),
      floor: readDuration(floor),
      margin: readDuration(margin),
      padding: padding === "auto",
      client: client === undefined ? undefined : (findClient(client) ?? assert.fail(`no such client: ${client}`)),
      onAttempt: (event) => this.#onAttempt(event),
    });
  }

  async play({ given, steps }: Scenario): Promise<void> {
    this.#kept.keeper.start();
    await settle();
    if (given.lifetime !== undefined)
      await this.#answer("in the air", { credentials: "first", lifetime: given.lifetime });
    for (const [index, step] of steps.entries()) {
      this.#happened = { calls: 0, ends: [], answers: [] };
      const answer = await this.#do(step);
      assert.deepEqual(this.#seen(answer), wanted(step.expected ?? {}), `step ${index + 1}: ${JSON.stringify(step)}`);
    }
    assert.equal(this.#waiting, 0, "a read still waits when the scenario ends");
    this.#kept.keeper.stop();
  }

  /** Does what a step says. The answer is that of a read. */
  async #do(step: Step): Promise<ExpectedAnswer | { readonly waits: true } | undefined> {
    if (step.read !== undefined) return await this.#read(step.read, step.agent);
    if (step.advance !== undefined) {
      await this.#clock.waitForTimer();
      await this.#clock.advance(readDuration(step.advance));
    }
    if (step.jump !== undefined) this.#clock.jump(readJump(step.jump));
    if (step["upstream answers"]) await this.#answer("in the air", step["upstream answers"]);
    if (step["late answer"]) await this.#answer("given up", step["late answer"]);
    if (step["upstream fails"]) await this.#fail(step["upstream fails"]);
    return undefined;
  }

  async #read(path: string, agent: string | undefined) {
    const read = this.#readAt(path, agent);
    const { reads } = this.#kept;
    const answer = reads.now(read);
    if (answer !== undefined) return this.#shown(answer);
    let late: ExpectedAnswer | undefined;
    let isLate = false;
    this.#waiting += 1;
    void reads.soon(read).then((given) => {
      this.#waiting -= 1;
      late = this.#shown(given);
      if (isLate) this.#happened.answers.push(late);
    });
    await settle();
    isLate = true;
    return late ?? ({ waits: true } as const);
  }

  #readAt(path: string, agent: string | undefined): Read {
    const { keeper } = this.#kept;
    const route = routeOf(path, true);
    switch (route.kind) {
      case "credentials":
        return readOf(keeper, "container", route.client, agent);
      case "imds-roles":
        return { ...readOf(keeper, "imds", undefined, agent), wants: "role-name" };
      case "imds-credentials":
        return { ...readOf(keeper, "imds", undefined, agent), role: route.role };
      default:
        throw new Error(`no credentials are read at ${path}`);
    }
  }

  async #fetch(): Promise<Credentials> {
    this.#happened.calls += 1;
    const call: Call = { settle: Promise.withResolvers(), state: "in the air" };
    this.#calls.push(call);
    return await call.settle.promise;
  }

  #onAttempt({ outcome: ended, nextTryAt }: AttemptEvent): void {
    for (const call of this.#calls) if (call.state === "in the air") call.state = "given up";
    const outcome = ended.kind === "failed" ? ended.failure.kind : ended.kind;
    this.#happened.ends.push({ outcome, "next call in": showDuration(nextTryAt - this.#clock.now()) });
  }

  #take(state: "in the air" | "given up"): PromiseWithResolvers<Credentials> {
    const call = this.#calls.find((one) => one.state === state) ?? assert.fail(`no call is ${state}`);
    call.state = "answered";
    return call.settle;
  }

  async #answer(state: "in the air" | "given up", answer: UpstreamAnswer): Promise<void> {
    const { resolve, reject } = this.#take(state);
    // As every real upstream does with what a provider gives.
    const checked = checkCredentials(this.#provided(answer), { roleArn: undefined, unlimitedAllowed: true });
    if (checked.kind === "malformed") reject(new UpstreamFailure("malformed", checked.fault));
    else {
      this.#issued.set(answer.credentials, checked.credentials);
      resolve(checked.credentials);
    }
    await settle();
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
      // Static keys have neither.
      ...(expiration === undefined ? {} : { sessionToken: `fake-token-${name}`, expiration }),
      ...fields,
    };
  }

  #expirationAfter(lifetime: string): Date | undefined {
    return lifetime === "unlimited" ? undefined : new Date(this.#clock.now() + readDuration(lifetime));
  }

  async #fail({ name = "Error", code, status }: UpstreamError): Promise<void> {
    const $metadata = { httpStatusCode: status };
    this.#take("in the air").reject(Object.assign(new Error("simulated"), { name, code, $metadata }));
    await settle();
  }

  #seen(answer: ExpectedAnswer | { readonly waits: true } | undefined) {
    const { calls, ends, answers } = this.#happened;
    assert.ok(ends.length <= 1, "several attempts ended in one step; split it");
    return { calls, answers, ...answer, ...ends[0] };
  }

  /** An answer in the words of a scenario; every part of a document must be of the same credentials. */
  #shown({ status, body, headers }: Answer): ExpectedAnswer {
    const text = body.toString();
    if (headers[1] === "text/plain") return { status, text };
    const document = JSON.parse(text);
    if (status !== 200) return { status, code: document.code };
    const found = [...this.#issued].find(([, { secretAccessKey }]) => secretAccessKey === document.SecretAccessKey);
    const [name, issued] = found ?? assert.fail("credentials that upstream never gave");
    assert.equal(document.AccessKeyId, issued.accessKeyId);
    assert.equal(document.Token, issued.sessionToken);
    return { status, credentials: name, told: showDuration(Date.parse(document.Expiration) - this.#clock.now()) };
  }
}

/** What a step must show: nothing happens that it does not mention. */
function wanted({ calls = 0, answers = [], ...rest }: Expected) {
  return { calls, answers, ...rest };
}

function dateOf({ lifetime }: Credentials): Date | undefined {
  return lifetime.kind === "until" ? new Date(lifetime.expiration) : undefined;
}

function readJump(text: string): number {
  const [, duration = "", direction] = /^(\S+) (ahead|back)$/.exec(text) ?? assert.fail(`no jump: ${text}`);
  return readDuration(duration) * (direction === "ahead" ? 1 : -1);
}
