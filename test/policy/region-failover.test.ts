import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import {
  afterCall,
  firstRegion,
  healthy,
  MAX_FALLBACKS,
  MAX_REGIONS_PER_ATTEMPT,
  type RegionHealth,
  type RegionResult,
} from "../../src/policy/region-failover.ts";
import { retryDelayMs } from "../../src/policy/retry-schedule.ts";
import { HOUR } from "../../src/time.ts";
import { drawsFrom } from "../support/arbitraries.ts";
import { cycling } from "../support/credential-cache.ts";
import { runs } from "../support/properties.ts";

const HOME = "eu-west-1";
const REGIONS = [HOME, "eu-central-1", "eu-north-1"];

interface Attempt {
  readonly asked: readonly string[];
  readonly results: readonly RegionResult[];
  readonly health: RegionHealth;
}

/** One attempt against regions that answer as `resultOf` says. */
function attemptWith(
  health: RegionHealth,
  regions: readonly string[],
  resultOf: (region: string) => RegionResult,
): Attempt {
  const asked: string[] = [];
  const results: RegionResult[] = [];
  let after: RegionHealth = health;
  for (let region: string | undefined = firstRegion(regions, health); region !== undefined; ) {
    asked.push(region);
    const result = resultOf(region);
    results.push(result);
    const called = afterCall(after, { regions, region, result, asked });
    after = called.health;
    region = called.next;
  }
  return { asked, results, health: after };
}

/** The regions that each attempt asks, where home and the fallbacks keep to these results. */
function asksOf(attempts: number, results: readonly RegionResult[], regions = REGIONS): readonly (readonly string[])[] {
  let health = healthy;
  return Array.from({ length: attempts }, () => {
    const attempt = attemptWith(health, regions, (region) => results[regions.indexOf(region)] ?? "down");
    health = attempt.health;
    return attempt.asked;
  });
}

const [, FIRST = "", SECOND = ""] = REGIONS;

suite("Which regions an attempt asks", () => {
  test("while home answers, no other region is asked", () => {
    assert.deepEqual(asksOf(3, ["answered", "answered", "answered"]), [[HOME], [HOME], [HOME]]);
  });

  test("while home is down, each attempt asks it first and then the first fallback", () => {
    assert.deepEqual(asksOf(2, ["down", "answered", "answered"]), [
      [HOME, FIRST],
      [HOME, FIRST],
    ]);
  });

  test("home that throttles is asked once more before a fallback is", () => {
    assert.deepEqual(asksOf(2, ["throttled", "answered", "answered"]), [[HOME], [HOME, FIRST]]);
  });

  test("a refusal of home never leads to another region", () => {
    assert.deepEqual(asksOf(3, ["refused", "answered", "answered"]), [[HOME], [HOME], [HOME]]);
  });

  test("when all are down, one region is asked in each attempt, in turn", () => {
    assert.deepEqual(asksOf(5, ["down", "down", "down"]), [[HOME, FIRST], [SECOND], [HOME], [FIRST], [SECOND]]);
  });

  test("a fallback that refuses is left out until a region answers", () => {
    assert.deepEqual(asksOf(4, ["down", "refused", "down"]), [[HOME, FIRST], [SECOND], [HOME], [SECOND]]);
    assert.deepEqual(asksOf(3, ["down", "refused"], [HOME, FIRST]), [[HOME, FIRST], [HOME], [HOME]]);
  });

  test("a turn that belongs to regions of other settings is forgotten", () => {
    assert.equal(firstRegion([HOME, FIRST], { ...healthy, turn: "ap-south-1" }), HOME);
  });
});

const result = fc.constantFrom<RegionResult>("answered", "down", "throttled", "refused");
const regionsOf = fc.integer({ min: 1, max: MAX_FALLBACKS + 1 }).map((count) => REGIONS.slice(0, count));
const history = fc.array(fc.array(result, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 40 });

function follow(regions: readonly string[], days: readonly (readonly RegionResult[])[]): readonly Attempt[] {
  let health = healthy;
  return days.map((results) => {
    const attempt = attemptWith(health, regions, (region) => results[regions.indexOf(region)] ?? "down");
    health = attempt.health;
    return attempt;
  });
}

function callsOf(
  attempts: readonly Attempt[],
): readonly (readonly [region: string, result: RegionResult | undefined])[] {
  return attempts.flatMap(({ asked, results }) => asked.map((region, index) => [region, results[index]] as const));
}

suite("Whatever the regions do", () => {
  test("an attempt asks a region at most once, and at most two regions", () => {
    fc.assert(
      fc.property(regionsOf, history, (regions, days) => {
        for (const { asked } of follow(regions, days)) {
          assert.equal(new Set(asked).size, asked.length);
          assert.ok(asked.length >= 1 && asked.length <= MAX_REGIONS_PER_ATTEMPT);
        }
      }),
      runs(500),
    );
  });

  test("after every answer the next attempt begins at home", () => {
    fc.assert(
      fc.property(regionsOf, history, (regions, days) => {
        const attempts = follow(regions, days);
        for (const [index, { asked }] of attempts.entries()) {
          if (attempts[index - 1]?.results.at(-1) === "answered") assert.equal(asked[0], regions[0]);
        }
      }),
      runs(500),
    );
  });

  test("home is asked again within as many attempts as there are regions", () => {
    fc.assert(
      fc.property(regionsOf, history, (regions, days) => {
        const attempts = follow(regions, days).map(({ asked }) => asked.includes(HOME));
        for (let at = 0; at + regions.length <= attempts.length; at += 1) {
          assert.ok(attempts.slice(at, at + regions.length).includes(true));
        }
      }),
      runs(500),
    );
  });

  test("a fallback is asked only after home was down or throttled since the last answer", () => {
    fc.assert(
      fc.property(regionsOf, history, (regions, days) => {
        let isDue = false;
        for (const [region, given] of callsOf(follow(regions, days))) {
          assert.ok(region === HOME || isDue, `${region} was asked although ${HOME} answered`);
          if (region === HOME) isDue = given === "down" || given === "throttled";
          if (given === "answered") isDue = false;
        }
      }),
      runs(500),
    );
  });

  test("when one region answers, some attempt of the next ones gets its answer", () => {
    fc.assert(
      fc.property(regionsOf, history, fc.nat({ max: 2 }), (regions, days, up) => {
        const answering = regions[up % regions.length];
        const before = follow(regions, days).at(-1)?.health ?? healthy;
        fc.pre(answering === HOME || !before.refused.includes(answering ?? ""));
        let health = before;
        // One more than there are regions: home may throttle once before it counts as down.
        const got = Array.from({ length: regions.length + 1 }, () => {
          const attempt = attemptWith(health, regions, (region) => (region === answering ? "answered" : "down"));
          health = attempt.health;
          return attempt.results.includes("answered");
        });
        assert.ok(got.includes(true));
      }),
      runs(500),
    );
  });

  test("a cold hour of total outage has at most 100 calls to all regions together", () => {
    fc.assert(
      fc.property(
        regionsOf,
        drawsFrom(0),
        fc.array(result, { minLength: 3, maxLength: 3 }),
        (regions, draws, given) => {
          const results = given.map((one) => (one === "answered" ? "down" : one));
          const random = cycling(draws);
          let [health, calls, failures, failingForMs] = [healthy, 0, 0, 0];
          while (failingForMs < HOUR) {
            const attempt = attemptWith(health, regions, (region) => results[regions.indexOf(region)] ?? "down");
            health = attempt.health;
            calls += attempt.asked.length;
            failures += 1;
            failingForMs += retryDelayMs({ kind: "cold", failures, failingForMs, callers: "fleet" }, random);
          }
          assert.ok(calls <= 100, `${calls} calls`);
        },
      ),
      runs(300),
    );
  });
});
