import assert from "node:assert/strict";
import { test } from "node:test";
import { earlyRetryAfterMs, type Outage, retryDelayMs, throttledDelayMs } from "../../src/policy/retry-schedule.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";

const LOWEST = () => 0;
const MIDDLE = () => 0.5;
const HIGHEST = () => 0.999;

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
