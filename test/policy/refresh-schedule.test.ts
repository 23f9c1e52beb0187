import assert from "node:assert/strict";
import { test } from "node:test";
import {
  earlyRetryAfterMs,
  leastRemainingMs,
  type Outage,
  refreshAt,
  retryDelayMs,
  retryUnchangedAt,
} from "../../src/policy/refresh-schedule.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const MINIMUM_LIFETIME_MS = 25 * MINUTE;
const EARLIEST = () => 0;
const MIDDLE = () => 0.5;
const LATEST = () => 0.999;

/** Minutes after the fetch at which a session of `length` is renewed. */
function refreshedAfter(length: number, random: () => number, minimumLifetimeMs = MINIMUM_LIFETIME_MS): number {
  const credentials = fakeCredentials(EPOCH + length);
  return (refreshAt({ credentials, obtainedAt: EPOCH, minimumLifetimeMs, random }) - EPOCH) / MINUTE;
}

const refreshes = [
  { name: "one hour after 30 min", length: HOUR, minimumLifetimeMs: MINIMUM_LIFETIME_MS, minutes: 30 },
  { name: "15 min after 5 min", length: 15 * MINUTE, minimumLifetimeMs: MINIMUM_LIFETIME_MS, minutes: 5 },
  { name: "12 hours after 6 hours", length: 12 * HOUR, minimumLifetimeMs: MINIMUM_LIFETIME_MS, minutes: 360 },
  {
    name: "45 min when the floor is reached",
    length: 45 * MINUTE,
    minimumLifetimeMs: MINIMUM_LIFETIME_MS,
    minutes: 20,
  },
  {
    name: "one hour when a floor above its half is reached",
    length: HOUR,
    minimumLifetimeMs: 35 * MINUTE,
    minutes: 25,
  },
  {
    name: "one hour after a third of it, however high the floor",
    length: HOUR,
    minimumLifetimeMs: 6 * HOUR,
    minutes: 20,
  },
  {
    name: "the incident's 14 min 59 s after 5 min",
    length: 15 * MINUTE - SECOND,
    minimumLifetimeMs: MINIMUM_LIFETIME_MS,
    minutes: 4.99,
  },
  { name: "what has ended already at once", length: 0, minimumLifetimeMs: MINIMUM_LIFETIME_MS, minutes: 0 },
  { name: "what ended long ago at once", length: -HOUR, minimumLifetimeMs: MINIMUM_LIFETIME_MS, minutes: 0 },
];

for (const { name, length, minimumLifetimeMs, minutes } of refreshes) {
  test(`renews ${name}, and a tenth sooner or later`, () => {
    const near = (actual: number, expected: number) =>
      assert.ok(Math.abs(actual - expected) <= 0.005 * Math.max(1, minutes), `${actual} is not about ${expected}`);
    near(refreshedAfter(length, EARLIEST, minimumLifetimeMs), minutes * 0.9);
    near(refreshedAfter(length, MIDDLE, minimumLifetimeMs), minutes);
    near(refreshedAfter(length, LATEST, minimumLifetimeMs), minutes * 1.1);
  });
}

test("reads static keys again after half an hour, for they may be rotated", () => {
  const at = (random: () => number) =>
    refreshAt({
      credentials: fakeCredentials(undefined),
      obtainedAt: EPOCH,
      minimumLifetimeMs: MINIMUM_LIFETIME_MS,
      random,
    }) - EPOCH;
  assert.equal(at(MIDDLE), 30 * MINUTE);
  assert.equal(at(EARLIEST), 27 * MINUTE);
});

const least = [
  { length: HOUR, minutes: 27 },
  { length: 15 * MINUTE, minutes: 9.5 },
  { length: 12 * HOUR, minutes: 720 - 396 },
];

for (const { length, minutes } of least) {
  test(`never serves less than ${minutes} min of a session of ${length / MINUTE} min from a healthy upstream`, () => {
    assert.ok(Math.abs(leastRemainingMs(length, MINIMUM_LIFETIME_MS) / MINUTE - minutes) < 1e-9);
    assert.ok(leastRemainingMs(length, MINIMUM_LIFETIME_MS) <= length - refreshedAfter(length, LATEST) * MINUTE);
  });
}

const unchanged = [
  { name: "a third of what is left", left: HOUR, wait: 20 * MINUTE },
  { name: "60 s when a third is 60 s", left: 3 * MINUTE, wait: MINUTE },
  { name: "60 s when a third is less", left: 90 * SECOND, wait: MINUTE },
  { name: "60 s when nothing is left", left: 0, wait: MINUTE },
  { name: "60 s when it ended long ago", left: -HOUR, wait: MINUTE },
];

for (const { name, left, wait } of unchanged) {
  test(`asks a caching upstream again after ${name}`, () => {
    assert.equal(retryUnchangedAt(EPOCH, fakeCredentials(EPOCH + left)), EPOCH + wait);
  });
}

test("asks for unchanged static keys again after half an hour", () => {
  assert.equal(retryUnchangedAt(EPOCH, fakeCredentials(undefined)), EPOCH + 30 * MINUTE);
});

const warm = (remaining: number, length = HOUR): Outage => ({ kind: "warm", remaining, length });

/** Delays in ms at the two ends of randomness. */
const retries: readonly { name: string; outage: Outage; from: number; to: number }[] = [
  { name: "cold, before any failure", outage: { kind: "cold", failures: 0 }, from: 0, to: 200 },
  { name: "cold, once failed", outage: { kind: "cold", failures: 1 }, from: 0, to: 200 },
  { name: "cold, twice failed", outage: { kind: "cold", failures: 2 }, from: 0, to: 400 },
  { name: "cold, six times failed", outage: { kind: "cold", failures: 6 }, from: 0, to: 6_400 },
  { name: "cold, seven times failed", outage: { kind: "cold", failures: 7 }, from: 0, to: 10_000 },
  { name: "cold, failed for days", outage: { kind: "cold", failures: 100_000 }, from: 0, to: 10_000 },
  { name: "final, once failed", outage: { kind: "final", failures: 1 }, from: 5_000, to: 5_500 },
  { name: "final, three times failed", outage: { kind: "final", failures: 3 }, from: 20_000, to: 22_000 },
  { name: "final, failed for days", outage: { kind: "final", failures: 100_000 }, from: 300_000, to: 330_000 },
  { name: "expired", outage: { kind: "expired" }, from: 30 * SECOND, to: MINUTE },
  { name: "warm, with 32 min left", outage: warm(32 * MINUTE), from: 4 * MINUTE, to: 5 * MINUTE },
  { name: "warm, with 16 min left", outage: warm(16 * MINUTE), from: 2 * MINUTE, to: 4 * MINUTE },
  { name: "warm, with 12 hours left", outage: warm(12 * HOUR, 24 * HOUR), from: 5 * MINUTE, to: 5 * MINUTE },
  { name: "warm, with 2 min of an hour left", outage: warm(2 * MINUTE), from: 2 * MINUTE, to: 2 * MINUTE },
  { name: "warm, with 1 ms of 12 hours left", outage: warm(1, 12 * HOUR), from: 2 * MINUTE, to: 2 * MINUTE },
  { name: "warm, with 1 ms of 15 min left", outage: warm(1, 15 * MINUTE), from: MINUTE, to: MINUTE },
  { name: "warm, with 1 ms of 10 min left", outage: warm(1, 10 * MINUTE), from: 40_000, to: 40_000 },
  { name: "warm, with 1 ms of a minute left", outage: warm(1, MINUTE), from: 5_000, to: 5_000 },
];

for (const { name, outage, from, to } of retries) {
  test(`tries again within ${from / SECOND}…${to / SECOND} s when ${name}`, () => {
    assert.equal(retryDelayMs(outage, EARLIEST), from);
    const latest = retryDelayMs(outage, LATEST);
    const expected = from + (to - from) * LATEST();
    // Where a limit cuts the range, the limit itself is reached.
    assert.ok(latest === to || Math.abs(latest - expected) < 1e-6, `${latest} is neither ${expected} nor ${to}`);
  });
}

const hastes = [
  { failure: "none", wait: SECOND },
  { failure: "final", wait: 5 * SECOND },
  { failure: "passing", wait: 30 * SECOND },
] as const;

for (const { failure, wait } of hastes) {
  test(`lets a reader hasten the next try ${wait / SECOND} s after a failure that is ${failure}`, () => {
    assert.equal(earlyRetryAfterMs(failure), wait);
  });
}
