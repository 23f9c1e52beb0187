import assert from "node:assert/strict";
import { test } from "node:test";
import {
  earlyRetryAfterMs,
  leastRemainingMs,
  type Outage,
  refreshAt,
  retryDelayMs,
  retryUnchangedAt,
  type Spread,
  throttledDelayMs,
} from "../../src/policy/refresh-schedule.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
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

  test(`refreshes ${name} at the latest where a fleet may be in step, and up to nine tenths sooner`, () => {
    const wide = (random: () => number) => refreshedAfter(lifetimeMs, { random, minimumLifetimeMs, spread: "wide" });
    assert.ok(Math.abs(wide(LOWEST) - minutes) <= 0.005 * Math.max(1, minutes));
    assert.ok(Math.abs(wide(HIGHEST) - minutes * 0.1) <= 0.005 * Math.max(1, minutes));
  });
}

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

const cold = (failures: number, failingForMs = 0): Outage => ({ kind: "cold", failures, failingForMs });
const warm = (remainingMs: number, lifetimeMs = HOUR): Outage => ({ kind: "warm", remainingMs, lifetimeMs });
const openEndedOutage = (failures: number): Outage => ({ kind: "open-ended", failures });

/** Delays in ms at the two ends of randomness. */
const retries: readonly { name: string; outage: Outage; from: number; to: number }[] = [
  { name: "cold, before any failure", outage: cold(0), from: 0, to: 200 },
  { name: "cold, once failed", outage: cold(1), from: 0, to: 200 },
  { name: "cold, twice failed", outage: cold(2), from: 0, to: 400 },
  { name: "cold, six times failed", outage: cold(6), from: 0, to: 6_400 },
  { name: "cold, seven times failed", outage: cold(7), from: 0, to: 10_000 },
  { name: "cold, just less than two minutes", outage: cold(30, 2 * MINUTE - 1), from: 0, to: 10_000 },
  { name: "cold, two minutes", outage: cold(30, 2 * MINUTE), from: MINUTE, to: 1.5 * MINUTE },
  { name: "cold, 39 times failed", outage: cold(39), from: 0, to: 10_000 },
  { name: "cold, 40 times failed however soon", outage: cold(40), from: MINUTE, to: 1.5 * MINUTE },
  { name: "cold, failed for days", outage: cold(100_000, 48 * HOUR), from: MINUTE, to: 1.5 * MINUTE },
  { name: "final, once failed", outage: { kind: "final", failures: 1 }, from: 5_000, to: 5_500 },
  { name: "final, three times failed", outage: { kind: "final", failures: 3 }, from: 20_000, to: 22_000 },
  { name: "final, failed for days", outage: { kind: "final", failures: 100_000 }, from: 300_000, to: 330_000 },
  { name: "expired", outage: { kind: "expired" }, from: 30 * SECOND, to: MINUTE },
  { name: "open-ended, once failed", outage: openEndedOutage(1), from: MINUTE, to: MINUTE },
  { name: "open-ended, three times failed", outage: openEndedOutage(3), from: 4 * MINUTE, to: 4 * MINUTE },
  { name: "open-ended, failed for days", outage: openEndedOutage(9_999), from: 5 * MINUTE, to: 5 * MINUTE },
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
  test(`retries within ${from / SECOND}…${to / SECOND} s when ${name}`, () => {
    assert.equal(retryDelayMs(outage, LOWEST), from);
    const latest = retryDelayMs(outage, HIGHEST);
    const expected = from + (to - from) * HIGHEST();
    // Where a limit cuts the range, the limit itself is reached.
    assert.ok(latest === to || Math.abs(latest - expected) < 1e-6, `${latest} is neither ${expected} nor ${to}`);
  });
}

const throttled = [
  { name: "5 s when it did not say", retryAfterMs: undefined, from: 5 * SECOND },
  { name: "5 s when it asked for less", retryAfterMs: SECOND, from: 5 * SECOND },
  { name: "what it asked for", retryAfterMs: 30 * SECOND, from: 30 * SECOND },
  { name: "5 min when it asked for a day", retryAfterMs: 24 * HOUR, from: 5 * MINUTE },
];

for (const { name, retryAfterMs, from } of throttled) {
  test(`leaves an upstream that throttles alone for ${name}, and up to twice that`, () => {
    assert.equal(throttledDelayMs(retryAfterMs, LOWEST), from);
    assert.equal(throttledDelayMs(retryAfterMs, MIDDLE), 1.5 * from);
  });
}

const earlyRetries: readonly { name: string; outage: Outage | undefined; wait: number }[] = [
  { name: "a success", outage: undefined, wait: SECOND },
  { name: "a first denial", outage: { kind: "final", failures: 1 }, wait: 5 * SECOND },
  { name: "a third denial", outage: { kind: "final", failures: 3 }, wait: 20 * SECOND },
  { name: "a tenth denial", outage: { kind: "final", failures: 10 }, wait: 40 * SECOND },
  { name: "a denial past the expiration", outage: { kind: "final", failures: 1, expired: true }, wait: 40 * SECOND },
  { name: "a failure past the expiration", outage: { kind: "expired" }, wait: 40 * SECOND },
  { name: "a failure with nothing loaded yet", outage: cold(1), wait: MINUTE },
];

for (const { name, outage, wait } of earlyRetries) {
  test(`lets a reader bring the next attempt forward ${wait / SECOND} s after ${name}`, () => {
    assert.equal(earlyRetryAfterMs(outage), wait);
  });
}
