import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { attempt } from "../../src/cache/attempt.ts";
import type { Credentials } from "../../src/credentials.ts";
import { HOUR } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import { EPOCH, FakeClock, settle } from "../support/fake-clock.ts";
import { fakeCredentials } from "../support/upstreams.ts";

/** An attempt whose answer the test gives, and the signal that it gave to upstream. */
function begin() {
  const clock = new FakeClock();
  const answer = Promise.withResolvers<Credentials>();
  const signals: AbortSignal[] = [];
  const upstream: Upstream = {
    description: "gated",
    timeoutMs: 15_000,
    fetch(signal) {
      signals.push(signal);
      return answer.promise;
    },
  };
  const ended = attempt(upstream, clock);
  const [signal = assert.fail("upstream was not called")] = signals;
  return { clock, answer, signal, ended };
}

test("an answer in time ends the attempt: its timer is cancelled and its signal never aborts", async () => {
  const { clock, answer, signal, ended } = begin();
  const credentials = fakeCredentials(EPOCH + HOUR);
  answer.resolve(credentials);
  assert.equal(await ended, credentials);
  assert.equal(clock.armed, 0);
  await clock.advance(HOUR);
  assert.equal(signal.aborted, false);
  assert.deepEqual(getEventListeners(signal, "abort"), []);
});

test("a failure in time ends the attempt: its timer is cancelled and its signal never aborts", async () => {
  const { clock, answer, signal, ended } = begin();
  answer.reject(Object.assign(new Error("fake"), { code: "ECONNREFUSED" }));
  await assert.rejects(ended, { name: "UpstreamFailure", kind: "unreachable" });
  assert.equal(clock.armed, 0);
  await clock.advance(HOUR);
  assert.equal(signal.aborted, false);
});

test("an attempt that takes too long is a time-out, and aborts what it began", async () => {
  const { clock, answer, signal, ended } = begin();
  const rejected = assert.rejects(ended, { name: "UpstreamFailure", kind: "timeout" });
  await clock.advance(14_999);
  assert.equal(signal.aborted, false);
  await clock.advance(1);
  await rejected;
  assert.deepEqual([signal.aborted, clock.armed], [true, 0]);
  answer.reject(new Error("late"));
  await settle();
});

test("an upstream that throws at once fails like any other", async () => {
  const clock = new FakeClock();
  const failure = new UpstreamFailure("denied", "simulated");
  const upstream = {
    description: "throws",
    timeoutMs: 15_000,
    fetch: () => {
      throw failure;
    },
  };
  await assert.rejects(attempt(upstream, clock), failure);
  assert.equal(clock.armed, 0);
});
