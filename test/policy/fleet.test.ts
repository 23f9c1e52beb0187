/** Ten thousand caches that were started in the same moment, by the pure schedule. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Random } from "../../src/policy/random.ts";
import { leastRemainingMs, refreshAt } from "../../src/policy/refresh-schedule.ts";
import { retryDelayMs } from "../../src/policy/retry-schedule.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { seeded } from "../support/seeded.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const CACHES = 10_000;
const MINIMUM_LIFETIME_MS = 25 * MINUTE;

/** When one cache refreshes sessions of this lifetime, from the epoch to `until`. */
function refreshesOf(lifetimeMs: number, until: number, random: Random): readonly number[] {
  const refreshes: number[] = [];
  let at = EPOCH;
  while (at < until) {
    const spread = refreshes.length === 0 ? "wide" : "narrow";
    const input = { credentials: fakeCredentials(at + lifetimeMs), obtainedAt: at, spread } as const;
    at = refreshAt({ ...input, minimumLifetimeMs: MINIMUM_LIFETIME_MS, random });
    refreshes.push(at);
  }
  return refreshes;
}

for (const { name, lifetimeMs } of [
  { name: "15-minute", lifetimeMs: 15 * MINUTE },
  { name: "one-hour", lifetimeMs: HOUR },
  { name: "12-hour", lifetimeMs: 12 * HOUR },
]) {
  test(`a fleet with ${name} sessions that started together refreshes evenly from the second refresh on`, () => {
    const random = seeded(1);
    const latestDelayMs = lifetimeMs - leastRemainingMs(lifetimeMs, MINIMUM_LIFETIME_MS);
    const until = EPOCH + 12 * latestDelayMs;
    // Long enough for a few hundred calls, so that chance alone does not make a peak.
    const binMs = lifetimeMs / 60;
    const calls = new Map<number, number>();
    for (let cache = 0; cache < CACHES; cache += 1) {
      const refreshes = refreshesOf(lifetimeMs, until, random);
      for (const [index, at] of refreshes.entries()) {
        const delayMs = at - (refreshes[index - 1] ?? EPOCH);
        assert.ok(delayMs <= latestDelayMs + 1e-3, `a refresh after ${delayMs} ms costs the minimum lifetime`);
        if (at < until)
          calls.set(Math.floor((at - EPOCH) / binMs), (calls.get(Math.floor((at - EPOCH) / binMs)) ?? 0) + 1);
      }
    }
    const [first, last] = [Math.ceil(latestDelayMs / binMs), Math.floor((until - EPOCH) / binMs) - 1];
    const counts = Array.from({ length: last - first }, (_, index) => calls.get(first + index) ?? 0);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const peak = Math.max(...counts) / mean;
    assert.ok(peak <= 1.3, `the peak is ${peak.toFixed(2)} of the mean`);
  });
}

/** How many calls a cache makes in the first hour of an upstream that fails at once. */
function callsInColdHour(random: Random): number {
  let calls = 1;
  for (let failingForMs = 0; ; calls += 1) {
    failingForMs += retryDelayMs({ kind: "cold", failures: calls, failingForMs }, random);
    if (failingForMs >= HOUR) return calls;
  }
}

test("no cache calls a failing upstream more than 100 times in its first hour, whatever chance draws", () => {
  const random = seeded(1);
  const most = Math.max(...Array.from({ length: CACHES }, () => callsInColdHour(random)));
  assert.ok(most <= 100, `${most} calls`);
  assert.ok(callsInColdHour(() => 0) <= 100, "where every delay is the shortest");
});
