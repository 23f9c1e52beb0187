/** Promise 6: a failing upstream is not hammered. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import type { CredentialCache } from "../../src/cache/credential-cache.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { failureKinds } from "../../src/upstream/failure.ts";
import { drawsFrom, evenly, timeBetween } from "../support/arbitraries.ts";
import { createCache, cycling } from "../support/credential-cache.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { runs } from "../support/properties.ts";
import { SimulatedUpstream, type UpstreamBehaviour } from "../support/simulated-upstream.ts";

interface Outage {
  readonly lifetime: number;
  /** Whether upstream gave one session until its end before, as IMDS does, or a new one at each call. */
  readonly cached: boolean;
  /** How long upstream was well before, counted from the first answer; and then until no more than `left` was left. */
  readonly wellFor: number;
  readonly left: number;
  readonly behaviour: UpstreamBehaviour;
  readonly latency: number;
  readonly random: readonly number[];
}

const behaviour: fc.Arbitrary<UpstreamBehaviour> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...failureKinds).map((failure) => ({ kind: "fails", failure }) as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "hangs" } as const) },
);

const outage: fc.Arbitrary<Outage> = fc.record({
  // Sessions of one to three hours come to their end within the first hour of calls, with the most calls of all.
  lifetime: fc.oneof(timeBetween(15 * MINUTE, 12 * HOUR), timeBetween(HOUR, 3 * HOUR)),
  cached: fc.boolean(),
  wellFor: fc.oneof(fc.constant(0), timeBetween(1, 8 * HOUR)),
  left: timeBetween(MINUTE, 12 * HOUR),
  behaviour,
  latency: timeBetween(1, 20 * SECOND),
  random: drawsFrom(0),
});

/** When upstream is called in an outage that nobody reads in, until `after` the credentials have run out. */
async function callsIn({ lifetime, cached, wellFor, left, behaviour, latency, random }: Outage, after: number) {
  const clock = new FakeClock();
  const upstream = new SimulatedUpstream(clock);
  upstream.behaviour = cached ? { kind: "caches", lifetime, refreshesAt: MINUTE } : { kind: "issues", lifetime };
  const { cache } = createCache({ clock, upstream, random: cycling(random) });
  cache.start();
  await clock.advance(1 + wellFor);
  await clock.advance(Math.max(0, upstream.lastExpiration - clock.now() - left));
  fc.pre(cache.current() !== undefined);
  const beganAt = clock.now();
  Object.assign(upstream, { behaviour, latency });
  const lastsUntil = upstream.lastExpiration - MINUTE;
  await clock.advance(lastsUntil - beganAt + after);
  cache.stop();
  const calls = upstream.calls.filter((call) => call >= beganAt);
  return {
    whileTheyLast: calls.filter((call) => call < Math.min(lastsUntil, beganAt + HOUR)),
    afterwards: calls.filter((call) => call >= lastsUntil),
  };
}

/** Reads that wait, as a storm of an application that gets nothing. */
async function readEverySecond(cache: CredentialCache, clock: FakeClock, forMs: number): Promise<void> {
  for (const end = clock.now() + forMs; clock.now() < end; ) {
    void cache.wait(SECOND);
    await clock.advance(SECOND);
  }
}

interface ColdOutage extends Pick<Outage, "behaviour" | "latency"> {
  readonly random: () => number;
  readonly isRead: boolean;
}

/** When upstream is called in an outage that begins before anything was loaded. */
async function coldCallsIn(forMs: number, { behaviour, latency, random, isRead }: ColdOutage) {
  const clock = new FakeClock();
  const upstream = new SimulatedUpstream(clock);
  Object.assign(upstream, { behaviour, latency });
  const { cache } = createCache({ clock, upstream, random });
  cache.start();
  if (isRead) await readEverySecond(cache, clock, forMs);
  else await clock.advance(forMs);
  cache.stop();
  return upstream.calls;
}

suite("A failing upstream is not hammered: at most 20 calls in the first hour of an outage while credentials last, at most 100 with none.", () => {
  test("at most 20 calls in the first hour while credentials last", async () => {
    await fc.assert(
      fc.asyncProperty(outage, async (given) => {
        const { whileTheyLast } = await callsIn(given, 0);
        assert.ok(whileTheyLast.length <= 20, `${whileTheyLast.length} calls`);
      }),
      runs(300),
    );
  });

  test("at most 100 calls in the first hour when nothing was ever loaded, however often applications read", async () => {
    await fc.assert(
      fc.asyncProperty(outage, fc.boolean(), async ({ behaviour, latency, random }, isRead) => {
        const calls = await coldCallsIn(HOUR, { behaviour, latency, random: cycling(random), isRead });
        assert.ok(calls.length > 0 && calls.length <= 100, `${calls.length} calls`);
      }),
      runs(60),
    );
  });

  test("at most 100 calls an hour when the cached credentials have expired, however often applications read", async () => {
    const clock = new FakeClock();
    const upstream = new SimulatedUpstream(clock);
    upstream.behaviour = { kind: "issues", lifetime: 15 * MINUTE };
    const { cache } = createCache({ clock, upstream, random: evenly() });
    cache.start();
    await clock.advance(1);
    upstream.behaviour = { kind: "fails", failure: "unavailable" };
    await clock.advance(14 * MINUTE);
    const expiredAt = clock.now();
    await readEverySecond(cache, clock, 3 * HOUR);
    cache.stop();
    for (const hour of [0, 1, 2]) {
      const from = expiredAt + hour * HOUR;
      const calls = upstream.calls.filter((call) => call >= from && call < from + HOUR);
      assert.ok(calls.length <= 100, `${calls.length} calls`);
    }
  });

  test("at most one call in 30 s when they have run out, without reads", async () => {
    await fc.assert(
      fc.asyncProperty(outage, async (given) => {
        const { afterwards } = await callsIn(given, 2 * HOUR);
        assert.ok(afterwards.length > 0, "upstream is never called again");
        for (const [index, call] of afterwards.entries()) {
          const since = call - (afterwards[index - 1] ?? Number.NEGATIVE_INFINITY);
          assert.ok(since >= 30 * SECOND, `two calls within ${since} ms`);
        }
      }),
      runs(150),
    );
  });

  for (const failure of failureKinds) {
    test(`at most one call in 30 s when they have run out, however often applications read (${failure})`, async () => {
      const clock = new FakeClock();
      const upstream = new SimulatedUpstream(clock);
      upstream.behaviour = { kind: "issues", lifetime: 15 * MINUTE };
      const { cache } = createCache({ clock, upstream });
      cache.start();
      await clock.advance(1);
      upstream.behaviour = { kind: "fails", failure };
      await clock.advance(14 * MINUTE);
      const endedAt = clock.now();
      for (let second = 0; second < 300; second += 1) {
        void cache.wait(SECOND);
        await clock.advance(SECOND);
      }
      cache.stop();
      const calls = upstream.calls.filter((call) => call >= endedAt);
      assert.ok(calls.length >= 5, "reads bring attempts forward");
      for (const [index, call] of calls.entries()) {
        assert.ok(index === 0 || call - (calls[index - 1] ?? 0) >= 30 * SECOND);
      }
    });
  }
});
