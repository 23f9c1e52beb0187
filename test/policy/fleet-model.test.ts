/** The pods of `npm run fleet` do what the real credential cache does, and its limits catch a fleet that storms. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Figures, figuresOf } from "../../bench/fleet/figures.ts";
import { missed } from "../../bench/fleet/limits.ts";
import { Pod } from "../../bench/fleet/pod.ts";
import { Queue } from "../../bench/fleet/queue.ts";
import { scenarios } from "../../bench/fleet/scenarios.ts";
import { simulate } from "../../bench/fleet/simulate.ts";
import { type Call, isWithin, type Period, Region } from "../../bench/fleet/sts.ts";
import { table } from "../../bench/fleet/table.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import { timeBetween } from "../support/arbitraries.ts";
import { createCache } from "../support/credential-cache.ts";
import { EPOCH, FakeClock } from "../support/fake-clock.ts";
import { runs } from "../support/properties.ts";
import { seeded } from "../support/seeded.ts";
import { fakeCredentials } from "../support/upstreams.ts";

interface History {
  readonly sessionMs: number;
  readonly outages: readonly Period[];
  readonly denials: readonly Period[];
  /** Calls a second. With less than one, a pod is throttled by its own calls. */
  readonly limit: number;
  readonly readEveryMs: number | undefined;
  readonly seed: number;
}

const LENGTH_MS = 5 * HOUR;

const periods = fc
  .tuple(timeBetween(1, LENGTH_MS), timeBetween(MINUTE, 2 * HOUR))
  .map(([from, lengthMs]): readonly Period[] => [{ from, to: from + lengthMs }]);
const history: fc.Arbitrary<History> = fc.record({
  sessionMs: timeBetween(15 * MINUTE, 12 * HOUR),
  outages: fc.oneof(fc.constant([{ from: 0, to: 20 * MINUTE }]), periods, fc.constant([])),
  denials: fc.oneof(fc.constant([]), periods),
  limit: fc.constantFrom(600, 1),
  readEveryMs: fc.constantFrom(undefined, 5 * SECOND),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

/** STS for one pod, the answers of which take always the same. */
function stsFor({ outages, limit }: History): Region {
  return new Region({ name: "home", outages, limit, others: 0 }, () => 0.5);
}

/** When the model of a pod calls, in ms from its start. */
function modelCalls(given: History): readonly number[] {
  const sts = stsFor(given);
  const { sessionMs, readEveryMs, denials, seed } = given;
  const pod = new Pod({ startsAt: 0, sessionMs, readEveryMs, regions: ["home"], random: seeded(seed) });
  const calls: number[] = [];
  while (pod.at < LENGTH_MS) {
    const { at } = pod;
    const step = pod.step();
    if (step.kind === "settled") continue;
    calls.push(at);
    pod.called(step.region, sts.call(at, isWithin(denials, at)));
  }
  return calls;
}

/** When the real credential cache calls, with the same draws. */
async function realCalls(given: History): Promise<readonly number[]> {
  const clock = new FakeClock();
  const sts = stsFor(given);
  const calls: number[] = [];
  const upstream: Upstream = {
    description: "modelled",
    timeoutMs: 15_000,
    async fetch() {
      const at = clock.now() - EPOCH;
      calls.push(at);
      const call = sts.call(at, isWithin(given.denials, at));
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.setTimer(call.tookMs, resolve);
      await promise;
      throwUnlessAnswered(call);
      return fakeCredentials(clock.now() + given.sessionMs);
    },
  };
  const { cache } = createCache({ clock, upstream, random: seeded(given.seed) });
  const readAgain = (everyMs: number) => {
    if (cache.current() === undefined) void cache.wait(800);
    clock.setTimer(everyMs, () => readAgain(everyMs));
  };
  cache.start();
  if (given.readEveryMs !== undefined) readAgain(given.readEveryMs);
  await clock.advance(LENGTH_MS - 1);
  cache.stop();
  return calls;
}

function throwUnlessAnswered({ result }: Call): void {
  if (result === "answered") return;
  const kinds = { throttled: "throttled", down: "unavailable", denied: "denied" } as const;
  throw new UpstreamFailure(kinds[result], "simulated");
}

test("a pod of the model calls STS at the moments at which the real credential cache does", async () => {
  await fc.assert(
    fc.asyncProperty(history, async (given) => {
      const [model, real] = [modelCalls(given), await realCalls(given)];
      assert.deepEqual(
        model.map((at) => Math.round(at)),
        real.map((at) => Math.round(at)),
      );
    }),
    runs(40),
  );
});

test("the queue gives the earliest pod first, whatever was put in", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 }), (times) => {
      const queue = new Queue(times.length);
      for (const [pod, at] of times.entries()) queue.push(pod, at);
      const taken = times.map(() => queue.pop() ?? assert.fail("an entry is lost"));
      assert.equal(queue.pop(), undefined);
      assert.deepEqual(
        taken.map(({ at }) => at),
        times.toSorted((a, b) => a - b),
      );
      for (const { pod, at } of taken) assert.equal(times[pod], at);
    }),
    runs(200),
  );
});

test("STS lets no more calls pass in any second than twice its limit, and its limit on average", () => {
  const sts = new Region({ name: "home", outages: [], limit: 100, others: 40 }, () => 0);
  const passed = Array.from({ length: 60_000 }, (_, ms) => sts.call(ms, false)).map(({ result }) =>
    result === "answered" ? 1 : 0,
  );
  const inSecond = (second: number) =>
    passed.slice(second * 1_000, (second + 1) * 1_000).reduce<number>((a, b) => a + b, 0);
  assert.ok(inSecond(0) <= 160);
  assert.ok(Math.abs(inSecond(59) - 60) <= 1, "others take theirs first");
});

const [rollOut = assert.fail(), , , , , , survived = assert.fail()] = scenarios;
const calm = figuresOf(simulate(rollOut, 500));
const back = { medianMs: 20 * SECOND, lastMs: MINUTE };
const late = { medianMs: 70 * SECOND, lastMs: 121 * SECOND };

const storms: readonly (readonly [name: string, figures: Partial<Figures>, words: RegExp])[] = [
  ["a peak after the second refresh", { peakToMean: 1.31 }, /peak\/mean is 1\.31/],
  ["more calls a second than STS takes", { peakPerSecond: 601 }, /601 calls in one second/],
  ["a pod that hammers", { mostInColdHour: 101 }, /101 calls of one pod/],
  ["a refresh after the minimum lifetime", { leastToSpareMs: -2 }, /2 ms after the minimum lifetime/],
  ["a pod without credentials where none may be", { podsWithout: 1 }, /1 pods were without/],
  ["a pod that comes back late", { backRead: back, backUnread: late }, /last pod is back after 121 s/],
  ["a reader that comes back late", { backRead: late, backUnread: late }, /reader is back after 121 s/],
  ["readers that do not come first", { backRead: back, backUnread: back }, /do not come first/],
];

for (const [name, figures, words] of storms) {
  test(`the limits catch ${name}`, () => {
    const found = missed({ ...rollOut, isSurvived: true }, 10_000, { ...calm, peakToMean: 1.1, ...figures });
    assert.match(found.join("\n"), words);
    assert.match(table([{ name, figures: calm, missed: found }]), /MISSED/);
  });
}

test("the same seed gives the same figures, and another one others", () => {
  const of = (seed: number) => figuresOf(simulate(survived, 200, seed));
  assert.deepEqual(of(1), of(1));
  assert.notDeepEqual(of(1), of(2));
});
