/**
 * What holds through restarts, forced refreshes and clocks that are set, of credentials and of calls: never late, never
 * lost, and calm. Time really passes by the monotonic clock, and the file is one in memory.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CredentialCache } from "../../src/cache/credential-cache.ts";
import type { Reads } from "../../src/http/reads.ts";
import { clients, type Protocol } from "../../src/policy/clients.ts";
import { PrivateFile } from "../../src/state/private-file.ts";
import { StateFile } from "../../src/state/state-file.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { drawsFrom, timeBetween } from "../support/arbitraries.ts";
import { createCache, cycling, readOf } from "../support/credential-cache.ts";
import { FakeClock, settle } from "../support/fake-clock.ts";
import { reportedBy } from "../support/modelled-client.ts";
import { runs } from "../support/properties.ts";
import { PunctualUpstream, type UpstreamHealth } from "../support/punctual-upstream.ts";

const MARGIN_MS = MINUTE;

type Event =
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "set"; readonly ms: number }
  /** The process is killed, and the next one starts after `awayMs`. */
  | { readonly kind: "restart"; readonly awayMs: number }
  | { readonly kind: "force" }
  | { readonly kind: "behaviour"; readonly behaviour: UpstreamHealth; readonly lifetimeMs: number };

const kind = <const Kind extends string>(name: Kind) => fc.constant(name);
const advance = { weight: 3, arbitrary: fc.record({ kind: kind("advance"), ms: timeBetween(SECOND, HOUR) }) };
const restart = {
  weight: 3,
  arbitrary: fc.record({ kind: kind("restart"), awayMs: fc.oneof(fc.constant(0), timeBetween(1, 2 * HOUR)) }),
};
const force = { weight: 2, arbitrary: fc.record({ kind: kind("force") }) };
const setBack = {
  weight: 2,
  arbitrary: fc.record({ kind: kind("set"), ms: timeBetween(1, 13 * HOUR).map((ms) => -ms) }),
};
const setAhead = { weight: 1, arbitrary: fc.record({ kind: kind("set"), ms: timeBetween(1, 13 * HOUR) }) };
const behaviour = {
  weight: 2,
  arbitrary: fc.record({
    kind: kind("behaviour"),
    behaviour: fc.constantFrom<UpstreamHealth>("issues", "repeats", "fails"),
    lifetimeMs: timeBetween(2 * MINUTE, 12 * HOUR),
  }),
};

/** A file of this process alone, whose every operation is over in a turn. */
class FileInMemory extends PrivateFile {
  #text: string | undefined;

  constructor() {
    super({ path: "/state/private/state.json", medium: "memory", userId: 0 });
  }

  override prepare = async () => {};
  override removeTemporary = async () => {};
  override read = async () => this.#text;
  override write = async (text: string) => {
    this.#text = text;
  };
}

/** Processes that come one after the other in a pod, with one upstream, one file and one clock. */
class Pod {
  readonly clock = new FakeClock();
  readonly upstream = new PunctualUpstream(this.clock);
  readonly #file = new FileInMemory();
  readonly #random: () => number;
  #process: { readonly cache: CredentialCache; readonly reads: Reads; readonly wrote: () => Promise<void> } | undefined;

  constructor(random: readonly number[]) {
    this.#random = cycling(random);
  }

  get cache(): CredentialCache {
    return this.#process?.cache ?? assert.fail("no process runs");
  }

  async start(): Promise<void> {
    const { clock, upstream } = this;
    let state: StateFile | undefined;
    const { cache, reads } = createCache({
      clock,
      upstream,
      marginMs: MARGIN_MS,
      random: this.#random,
      onAttempt: (event) => state?.onAttempt(event),
    });
    const identities = new Map([["default", { cache, upstream }]]);
    state = new StateFile({ file: this.#file, clock, monotonicOriginMs: 0, identities, onState: () => {} });
    // The name of this start of the system is read from a real file.
    let isOver = false;
    const restoring = state.restore().finally(() => (isOver = true));
    while (!isOver) await settle();
    await restoring;
    const wrote = state.close.bind(state);
    this.#process = { cache, reads, wrote };
    cache.start();
    await settle();
  }

  async restart(awayMs: number): Promise<void> {
    await this.#process?.wrote();
    this.#process?.cache.stop();
    await this.clock.advance(awayMs);
    await this.start();
  }

  async run(event: Event): Promise<void> {
    if (event.kind === "advance") await this.clock.advance(event.ms);
    else if (event.kind === "set") this.clock.jump(event.ms);
    else if (event.kind === "restart") await this.restart(event.awayMs);
    else if (event.kind === "force") this.cache.refreshNow("request");
    else Object.assign(this.upstream, { behaviour: event.behaviour, lifetimeMs: event.lifetimeMs });
    await settle();
    await this.#process?.wrote();
  }

  /** Fails at an answer that promises more than is left. */
  assertNeverLate(): void {
    const { cache, reads } = this.#process ?? assert.fail("no process runs");
    for (const { protocol, client } of participants) {
      const answer = reads.now(readOf(cache, protocol, client));
      const reported = answer && reportedBy(answer);
      if (reported === undefined) continue;
      const paddingMs = (client?.[protocol].mandatorySeconds ?? 0) * SECOND;
      const promisedMs = reported.reportedExpiration - this.clock.now() - paddingMs;
      const leftMs = this.upstream.leftMs(reported.accessKeyId);
      // The margin is for less than a second between the two clocks, too.
      assert.ok(promisedMs < leftMs - MARGIN_MS + SECOND, `${promisedMs} of ${leftMs} ms are promised`);
    }
  }

  stop(): void {
    this.#process?.cache.stop();
  }
}

const participants = (["container", "imds"] as const).flatMap((protocol: Protocol) =>
  [undefined, ...clients].map((client) => ({ protocol, client })),
);

test("no answer promises more of a session than is left of it, through restarts, forced refreshes and clocks that are set", async () => {
  const events = fc.array(fc.oneof(advance, restart, force, setBack, setAhead, behaviour), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(events, drawsFrom(0.2), async (given, random) => {
      const pod = new Pod(random);
      await pod.start();
      for (const event of given) {
        await pod.run(event);
        pod.assertNeverLate();
      }
      pod.stop();
    }),
    runs(100),
  );
});

test("a restart loses nothing that may be served, and makes no call while the next refresh is not due", async () => {
  const events = fc.array(fc.oneof(advance, force, behaviour), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(events, timeBetween(1, 2 * HOUR), drawsFrom(0.2), async (given, awayMs, random) => {
      const pod = new Pod(random);
      await pod.start();
      for (const event of given) await pod.run(event);
      const before = pod.cache.current();
      const { nextRefreshAt = 0 } = pod.cache.state;
      const calls = pod.upstream.calls;
      fc.pre(before !== undefined);
      await pod.restart(awayMs);
      const honestEnd = pod.upstream.endsAt(before.credentials.accessKeyId) - MARGIN_MS;
      const isDue = pod.clock.now() >= Math.min(nextRefreshAt, honestEnd);
      if (isDue) assert.ok(pod.upstream.calls <= calls + 1, "one call at most");
      else {
        assert.equal(pod.upstream.calls, calls, "upstream is asked before it is due");
        assert.equal(pod.cache.current()?.credentials.accessKeyId, before.credentials.accessKeyId);
        assert.equal(pod.cache.state.nextRefreshAt, nextRefreshAt);
      }
      pod.stop();
    }),
    runs(150),
  );
});

test("an hour of restarts every few seconds makes no more calls than an hour without, in an outage too", async () => {
  for (const health of ["issues", "fails"] as const) {
    const calls = await Promise.all(
      [0, 600].map(async (restarts) => {
        const pod = new Pod([0.5]);
        await pod.start();
        pod.upstream.behaviour = health;
        for (let minute = 0; minute < 50; minute += 1) {
          for (let once = 0; once < restarts / 50; once += 1) await pod.restart(0);
          await pod.clock.advance(MINUTE);
        }
        assert.notEqual(pod.cache.current(), undefined);
        pod.stop();
        return pod.upstream.calls;
      }),
    );
    assert.ok((calls[1] ?? 0) <= (calls[0] ?? 0) + 1, `${health}: ${calls}`);
  }
});

test("forced refreshes make one call a minute at most, however often they are asked for and with whatever restarts", async () => {
  const pod = new Pod([0.5]);
  await pod.start();
  for (let second = 0; second < 600; second += 1) {
    pod.cache.refreshNow("request");
    await pod.clock.advance(SECOND);
  }
  assert.ok(pod.upstream.calls <= 11, `${pod.upstream.calls} calls`);
  pod.stop();
});
