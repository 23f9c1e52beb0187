import assert from "node:assert/strict";
import type { AttemptEvent } from "../../src/cache/events.ts";
import type { Answer } from "../../src/http/documents.ts";
import type { Read } from "../../src/http/reads.ts";
import { routeOf } from "../../src/http/routes.ts";
import { findClient } from "../../src/policy/clients.ts";
import { createCache, cycling, readOf } from "./credential-cache.ts";
import { FakeClock, settle } from "./fake-clock.ts";
import {
  type Expected,
  type ExpectedAnswer,
  type Given,
  readDuration,
  type Scenario,
  type Step,
  showDuration,
} from "./scenario-format.ts";
import { ScenarioUpstream } from "./scenario-upstream.ts";

/** What happened since the step began. */
interface Happened {
  calls: number;
  readonly ends: { readonly outcome: string; readonly "next call in": string }[];
  readonly answers: ExpectedAnswer[];
  readonly events: ("expired" | "recovered")[];
}

/** Runs one scenario with the real credential cache and the real reads. */
export class ScenarioRun {
  readonly #clock = new FakeClock();
  readonly #fixture;
  readonly #upstream: ScenarioUpstream;
  #waiting = 0;
  #happened: Happened = { calls: 0, ends: [], answers: [], events: [] };
  #isOpening = true;

  constructor({
    random = 0.5,
    callers = "node",
    minimumLifetime = "25m",
    margin = "60s",
    padding = "auto",
    client,
  }: Given) {
    this.#upstream = new ScenarioUpstream(this.#clock, callers, () => this.#onCall());
    this.#fixture = createCache({
      clock: this.#clock,
      upstream: this.#upstream,
      random: this.#random(cycling([random].flat())),
      minimumLifetimeMs: readDuration(minimumLifetime),
      marginMs: readDuration(margin),
      padding: padding === "auto",
      client: client === undefined ? undefined : (findClient(client) ?? assert.fail(`no such client: ${client}`)),
      onAttempt: (event) => this.#onAttempt(event),
      onExpired: () => this.#happened.events.push("expired"),
      onRecovered: () => this.#happened.events.push("recovered"),
    });
  }

  async perform({ given, steps }: Scenario): Promise<void> {
    this.#fixture.cache.start();
    const { lifetime } = given;
    if (lifetime !== undefined) this.#upstream.answer("in flight", { credentials: "first", lifetime });
    await settle();
    this.#isOpening = false;
    for (const [index, step] of steps.entries()) {
      this.#happened = { calls: 0, ends: [], answers: [], events: [] };
      const answer = await this.#do(step);
      assert.deepEqual(this.#seen(answer), wanted(step.expected ?? {}), `step ${index + 1}: ${JSON.stringify(step)}`);
    }
    assert.equal(this.#waiting, 0, "a read still waits when the scenario ends");
    this.#fixture.cache.stop();
  }

  /** The credentials of the opening are refreshed when it is due at the latest, so that steps have round numbers. */
  #random(drawn: () => number): () => number {
    return () => (this.#isOpening ? 0 : drawn());
  }

  /** Does what a step says. The answer is that of a read. */
  async #do(step: Step): Promise<ExpectedAnswer | { readonly waits: true } | undefined> {
    if (step.read !== undefined) return await this.#read(step.read, step.agent);
    if (step.advance !== undefined) {
      await this.#clock.waitForTimer();
      await this.#clock.advance(readDuration(step.advance));
    }
    if (step.jump !== undefined) this.#clock.jump(readJump(step.jump));
    if (step["upstream answers"]) this.#upstream.answer("in flight", step["upstream answers"]);
    if (step["late answer"]) this.#upstream.answer("given up", step["late answer"]);
    if (step["upstream fails"]) this.#upstream.fail(step["upstream fails"]);
    await settle();
    return undefined;
  }

  async #read(path: string, agent: string | undefined) {
    const read = this.#readAt(path, agent);
    const { reads } = this.#fixture;
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
    const { cache } = this.#fixture;
    const route = routeOf(path, true);
    switch (route.kind) {
      case "credentials":
        return readOf(cache, "container", route.client, agent);
      case "imds-roles":
        return { ...readOf(cache, "imds", undefined, agent), wants: "role-name" };
      case "imds-credentials":
        return { ...readOf(cache, "imds", undefined, agent), role: route.role };
      default:
        throw new Error(`no credentials are read at ${path}`);
    }
  }

  #onCall(): void {
    this.#happened.calls += 1;
  }

  #onAttempt({ outcome: ended, nextRefreshAt }: AttemptEvent): void {
    this.#upstream.attemptEnded();
    const outcome = ended.kind === "failed" ? ended.failure.kind : ended.kind;
    this.#happened.ends.push({ outcome, "next call in": showDuration(nextRefreshAt - this.#clock.now()) });
  }

  #seen(answer: ExpectedAnswer | { readonly waits: true } | undefined) {
    const { calls, ends, answers, events } = this.#happened;
    assert.ok(ends.length <= 1, "several attempts ended in one step; split it");
    return { calls, answers, events, ...answer, ...ends[0] };
  }

  /** An answer in the words of a scenario; every part of a document must be of the same credentials. */
  #shown({ status, body, headers }: Answer): ExpectedAnswer {
    const text = body.toString();
    if (headers[1] === "text/plain") return { status, text };
    const document = JSON.parse(text);
    if (status !== 200) return { status, code: document.code };
    const [name, issued] = this.#upstream.named(document.SecretAccessKey);
    assert.equal(document.AccessKeyId, issued.accessKeyId);
    assert.equal(document.Token, issued.sessionToken);
    return { status, credentials: name, reported: showDuration(Date.parse(document.Expiration) - this.#clock.now()) };
  }
}

/** What a step must show: nothing happens that it does not mention. */
function wanted({ calls = 0, answers = [], events = [], ...rest }: Expected) {
  return { calls, answers, events, ...rest };
}

function readJump(text: string): number {
  const [, duration = "", direction] = /^(\S+) (ahead|back)$/.exec(text) ?? assert.fail(`no jump: ${text}`);
  return readDuration(duration) * (direction === "ahead" ? 1 : -1);
}
