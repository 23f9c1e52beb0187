import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  earlyRetryAfterMs,
  type Outage,
  retryDelayMs,
  throttledDelayMs,
  type Wait,
} from "../../src/policy/retry-schedule.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { drawsFrom, timeBetween } from "../support/arbitraries.ts";
import { cycling } from "../support/credential-cache.ts";
import { runs } from "../support/properties.ts";

const LOWEST = () => 0;
const MIDDLE = () => 0.5;
const HIGHEST = () => 0.999;

const cold = (failures: number, failingForMs = 0): Outage => ({
  kind: "cold",
  failures,
  failingForMs,
  callers: "node",
});
const fleet = (failures: number): Outage => ({ kind: "cold", failures, failingForMs: 0, callers: "fleet" });
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
  { name: "cold, two minutes", outage: cold(30, 2 * MINUTE), from: 75 * SECOND, to: 100 * SECOND },
  { name: "cold, 39 times failed", outage: cold(39), from: 0, to: 10_000 },
  { name: "cold, 40 times failed however soon", outage: cold(40), from: 75 * SECOND, to: 100 * SECOND },
  { name: "cold, failed for days", outage: cold(100_000, 48 * HOUR), from: 75 * SECOND, to: 100 * SECOND },
  { name: "cold with the fleet, once failed", outage: fleet(1), from: 0, to: 2_000 },
  { name: "cold with the fleet, twice failed", outage: fleet(2), from: 20_000, to: 30_000 },
  { name: "cold with the fleet, three times failed", outage: fleet(3), from: 75_000, to: 100_000 },
  { name: "cold with the fleet, failed for days", outage: fleet(100_000), from: 75_000, to: 100_000 },
  { name: "final, once failed", outage: { kind: "final", failures: 1 }, from: 5_000, to: 10_000 },
  { name: "final, three times failed", outage: { kind: "final", failures: 3 }, from: 45_000, to: 90_000 },
  { name: "final, failed for days", outage: { kind: "final", failures: 100_000 }, from: 150_000, to: 300_000 },
  {
    name: "final and expired, once failed",
    outage: { kind: "final", failures: 1, expired: true },
    from: 45_000,
    to: 90_000,
  },
  { name: "expired", outage: { kind: "expired" }, from: 75 * SECOND, to: 100 * SECOND },
  { name: "open-ended, once failed", outage: openEndedOutage(1), from: MINUTE, to: MINUTE },
  { name: "open-ended, three times failed", outage: openEndedOutage(3), from: 4 * MINUTE, to: 4 * MINUTE },
  { name: "open-ended, failed for days", outage: openEndedOutage(9_999), from: 5 * MINUTE, to: 5 * MINUTE },
  { name: "warm, with 32 min left", outage: warm(32 * MINUTE), from: 4 * MINUTE, to: 5 * MINUTE },
  { name: "warm, with 16 min left", outage: warm(16 * MINUTE), from: 2 * MINUTE, to: 4 * MINUTE },
  { name: "warm, with 12 hours left", outage: warm(12 * HOUR, 24 * HOUR), from: 5 * MINUTE, to: 5 * MINUTE },
  { name: "warm, with 2 min of an hour left", outage: warm(2 * MINUTE), from: 2 * MINUTE, to: 2 * MINUTE },
  { name: "warm, with 1 ms of 12 hours left", outage: warm(1, 12 * HOUR), from: 75_001, to: 75_001 },
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

const waiting = (lengthMs: number): Wait => ({ lengthMs, throttled: undefined });
const earlyRetries: readonly { name: string; outage: Outage | undefined; wait: Wait; after: number }[] = [
  { name: "a success", outage: undefined, wait: waiting(20 * MINUTE), after: SECOND },
  {
    name: "a first denial",
    outage: { kind: "final", failures: 1 },
    wait: waiting(7_000),
    after: 5_000,
  },
  { name: "a tenth denial", outage: { kind: "final", failures: 10 }, wait: waiting(5 * MINUTE), after: 40_000 },
  { name: "a failure past the expiration", outage: { kind: "expired" }, wait: waiting(80_000), after: 40_000 },
  {
    name: "a failure shortly before the expiration",
    outage: { kind: "expired" },
    wait: waiting(3 * MINUTE),
    after: 50_000,
  },
  { name: "a failure of the node's agent", outage: cold(1), wait: waiting(80_000), after: MINUTE },
  {
    name: "a second failure of the fleet's upstream, which is retried by then",
    outage: fleet(2),
    wait: waiting(25_000),
    after: 25_000,
  },
  { name: "a third failure of the fleet's upstream", outage: fleet(3), wait: waiting(90_000), after: 45_000 },
  {
    name: "a throttled call that asked for less",
    outage: fleet(3),
    wait: { lengthMs: 90_000, throttled: { retryAfterMs: 10_000 } },
    after: 45_000,
  },
  {
    name: "a throttled call that asked for more",
    outage: { kind: "expired" },
    wait: { lengthMs: 90_000, throttled: { retryAfterMs: 70_000 } },
    after: 70_000,
  },
];

for (const { name, outage, wait, after } of earlyRetries) {
  test(`lets a reader bring the next attempt forward ${after / SECOND} s after ${name}`, () => {
    assert.equal(earlyRetryAfterMs(outage, wait), after);
  });
}

const draws = drawsFrom(0);
const anyOutage: fc.Arbitrary<Outage> = fc.oneof(
  fc.record({
    kind: fc.constant("cold" as const),
    failures: fc.integer({ min: 0, max: 200 }),
    failingForMs: timeBetween(1, HOUR),
    callers: fc.constantFrom("node" as const, "fleet" as const),
  }),
  fc.record({
    kind: fc.constant("final" as const),
    failures: fc.integer({ min: 1, max: 200 }),
    expired: fc.boolean(),
  }),
  fc.constant({ kind: "expired" as const }),
  fc.record({
    kind: fc.constant("warm" as const),
    remainingMs: timeBetween(1, 36 * HOUR),
    lifetimeMs: timeBetween(1, 36 * HOUR),
  }),
);

test("every wait is finite, not negative and at most five minutes, whatever chance draws", () => {
  fc.assert(
    fc.property(anyOutage, draws, (outage, given) => {
      const waitMs = retryDelayMs(outage, cycling(given));
      assert.ok(waitMs >= 0 && waitMs <= 5 * MINUTE, `${waitMs} ms`);
    }),
    runs(500),
  );
});

test("no pod that has nothing to serve waits longer than 100 s, unless it was denied", () => {
  fc.assert(
    fc.property(anyOutage, draws, (outage, given) => {
      if (outage.kind === "final") return;
      const hasUntilMs = outage.kind === "warm" ? outage.remainingMs : 0;
      const waitMs = retryDelayMs(outage, cycling(given));
      assert.ok(waitMs - hasUntilMs <= 100 * SECOND, `${waitMs - hasUntilMs} ms`);
    }),
    runs(500),
  );
});

/** When a pod calls in the first hour of an outage of the fleet's upstream; a reader ends each wait as early as it may. */
function coldCalls(random: () => number, isRead: boolean, throttled: Wait["throttled"]): readonly number[] {
  const calls = [0];
  for (let at = 0, failures = 1; ; failures += 1) {
    const outage: Outage = { kind: "cold", failures, failingForMs: at, callers: "fleet" };
    const least = throttled === undefined ? 0 : throttledDelayMs(throttled.retryAfterMs, random);
    const lengthMs = Math.max(retryDelayMs(outage, random), least);
    at += isRead ? Math.min(lengthMs, earlyRetryAfterMs(outage, { lengthMs, throttled })) : lengthMs;
    if (at >= HOUR) return calls;
    calls.push(at);
  }
}

const throttling = fc.option(fc.constant({ retryAfterMs: undefined }), { nil: undefined });

test("a pod makes at most 100 calls of the fleet's upstream in a cold hour, and four in any minute of it", () => {
  fc.assert(
    fc.property(draws, fc.boolean(), throttling, (given, isRead, throttled) => {
      const calls = coldCalls(cycling(given), isRead, throttled);
      assert.ok(calls.length <= 100, `${calls.length} calls`);
      for (const from of calls) {
        assert.ok(calls.filter((at) => at >= from && at < from + MINUTE).length <= 4);
      }
    }),
    runs(300),
  );
});
