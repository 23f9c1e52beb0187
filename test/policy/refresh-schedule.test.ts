import assert from "node:assert/strict";
import { test } from "node:test";
import { leastRemainingMs, refreshAt, retryUnchangedAt, type Spread } from "../../src/policy/refresh-schedule.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { seeded } from "../support/seeded.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const MINIMUM_LIFETIME_MS = 25 * MINUTE;
const LOWEST = () => 0;
const MIDDLE = () => 0.5;
const HIGHEST = () => 0.999;

interface Refreshed {
  readonly random: () => number;
  readonly minimumLifetimeMs?: number;
  readonly spread?: Spread;
}

/** Minutes after the fetch at which a session of `lifetimeMs` is refreshed. */
function refreshedAfter(
  lifetimeMs: number,
  { random, minimumLifetimeMs = MINIMUM_LIFETIME_MS, spread = "narrow" }: Refreshed,
): number {
  const credentials = fakeCredentials(EPOCH + lifetimeMs);
  return (refreshAt({ credentials, obtainedAt: EPOCH, minimumLifetimeMs, spread, random }) - EPOCH) / MINUTE;
}

const refreshes = [
  { name: "one hour after 30 min", lifetimeMs: HOUR, minutes: 30 },
  { name: "15 min after 5 min", lifetimeMs: 15 * MINUTE, minutes: 5 },
  { name: "12 hours after 6 hours", lifetimeMs: 12 * HOUR, minutes: 360 },
  { name: "36 hours after 6 hours", lifetimeMs: 36 * HOUR, minutes: 360 },
  { name: "45 min when the minimum lifetime is reached", lifetimeMs: 45 * MINUTE, minutes: 20 },
  {
    name: "one hour when a minimum lifetime above its half is reached",
    lifetimeMs: HOUR,
    minimumLifetimeMs: 35 * MINUTE,
    minutes: 25,
  },
  {
    name: "one hour after a third of it, however high the minimum lifetime",
    lifetimeMs: HOUR,
    minimumLifetimeMs: 6 * HOUR,
    minutes: 20,
  },
  { name: "the incident's 14 min 59 s after 5 min", lifetimeMs: 15 * MINUTE - SECOND, minutes: 4.99 },
  { name: "what has ended already at once", lifetimeMs: 0, minutes: 0 },
  { name: "what ended long ago at once", lifetimeMs: -HOUR, minutes: 0 },
];

for (const { name, lifetimeMs, minimumLifetimeMs = MINIMUM_LIFETIME_MS, minutes } of refreshes) {
  test(`refreshes ${name} at the latest, and up to a fifth sooner`, () => {
    const near = (actual: number, expected: number) =>
      assert.ok(Math.abs(actual - expected) <= 0.005 * Math.max(1, minutes), `${actual} is not about ${expected}`);
    near(refreshedAfter(lifetimeMs, { random: LOWEST, minimumLifetimeMs }), minutes);
    near(refreshedAfter(lifetimeMs, { random: MIDDLE, minimumLifetimeMs }), minutes * 0.9);
    near(refreshedAfter(lifetimeMs, { random: HIGHEST, minimumLifetimeMs }), minutes * 0.8);
  });

  test(`refreshes ${name} at the latest where a fleet may be in step, and evenly at any moment before`, () => {
    const wide = (random: () => number) => refreshedAfter(lifetimeMs, { random, minimumLifetimeMs, spread: "wide" });
    assert.ok(Math.abs(wide(LOWEST) - minutes) <= 0.005 * Math.max(1, minutes));
    assert.ok(Math.abs(wide(() => 1 / 9) - minutes * 0.8) <= 0.005 * Math.max(1, minutes));
    assert.ok(Math.abs(wide(MIDDLE) - minutes * 0.45) <= 0.005 * Math.max(1, minutes));
    assert.ok(wide(HIGHEST) <= 0.005 * Math.max(1, minutes));
  });
}

test("the first refresh of a fleet in step is as far ahead as the next one of a fleet that has refreshed for ever", () => {
  const draw = seeded(1);
  const delays = Array.from({ length: 20_000 }, () => refreshedAfter(HOUR, { random: draw, spread: "wide" }));
  // Where each of many refreshes, each in the last fifth of half an hour, is seen from moments that are even in time.
  const ages = Array.from({ length: 20_000 }, () => {
    let at = draw() * 1e4 - 1e5;
    while (at <= 0) at += refreshedAfter(HOUR, { random: draw });
    return at;
  });
  for (const minutes of [3, 10, 20, 24, 27, 29]) {
    const share = (times: readonly number[]) => times.filter((time) => time < minutes).length / times.length;
    assert.ok(Math.abs(share(delays) - share(ages)) < 0.015, `within ${minutes} min: ${share(delays)}, ${share(ages)}`);
  }
});

const session = fakeCredentials(undefined, { lifetime: { kind: "unknown" } });
const staticKeys = fakeCredentials(undefined, { sessionToken: "" });
const openEnded = [
  { name: "a session whose end is unknown within a minute", credentials: session, latestMs: MINUTE },
  {
    name: "such a session of a program too",
    credentials: { ...session, fromProgram: true as const },
    latestMs: MINUTE,
  },
  { name: "static keys within a minute, for files are edited", credentials: staticKeys, latestMs: MINUTE },
  {
    name: "static keys of a program within half an hour, for that runs it",
    credentials: { ...staticKeys, fromProgram: true as const },
    latestMs: 30 * MINUTE,
  },
];

for (const { name, credentials, latestMs } of openEnded) {
  test(`reads ${name}`, () => {
    const input = { credentials, obtainedAt: EPOCH, minimumLifetimeMs: MINIMUM_LIFETIME_MS, spread: "wide" } as const;
    assert.equal(refreshAt({ ...input, random: LOWEST }), EPOCH + latestMs);
    assert.equal(refreshAt({ ...input, random: MIDDLE }), EPOCH + 0.9 * latestMs);
    assert.equal(retryUnchangedAt(EPOCH, credentials, LOWEST), EPOCH + latestMs);
    assert.equal(retryUnchangedAt(EPOCH, credentials, MIDDLE), EPOCH + 0.9 * latestMs);
  });
}

const least = [
  { lifetimeMs: HOUR, minutes: 30 },
  { lifetimeMs: 45 * MINUTE, minutes: 25 },
  { lifetimeMs: 15 * MINUTE, minutes: 10 },
  { lifetimeMs: 12 * HOUR, minutes: 360 },
  { lifetimeMs: 36 * HOUR, minutes: 1_800 },
];

for (const { lifetimeMs, minutes } of least) {
  test(`never serves less than ${minutes} min of a session of ${lifetimeMs / MINUTE} min from a healthy upstream`, () => {
    assert.ok(Math.abs(leastRemainingMs(lifetimeMs, MINIMUM_LIFETIME_MS) / MINUTE - minutes) < 1e-9);
    const latest = refreshedAfter(lifetimeMs, { random: LOWEST }) * MINUTE;
    assert.ok(leastRemainingMs(lifetimeMs, MINIMUM_LIFETIME_MS) <= lifetimeMs - latest);
  });
}

const unchanged = [
  { name: "a third of what is left", left: HOUR, wait: 20 * MINUTE },
  { name: "60 s when a third is 60 s", left: 3 * MINUTE, wait: MINUTE },
  { name: "60 s when a third is less", left: 90 * SECOND, wait: MINUTE },
  { name: "60 s when nothing is left", left: 0, wait: MINUTE },
  { name: "60 s when it ended long ago", left: -HOUR, wait: MINUTE },
  { name: "6 h however much is left", left: 36 * HOUR, wait: 6 * HOUR },
];

for (const { name, left, wait } of unchanged) {
  test(`asks a caching upstream again after ${name}`, () => {
    assert.equal(retryUnchangedAt(EPOCH, fakeCredentials(EPOCH + left), MIDDLE), EPOCH + wait);
  });
}
