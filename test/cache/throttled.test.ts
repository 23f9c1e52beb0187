import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { createCache } from "../support/credential-cache.ts";
import { EPOCH, FakeClock, settle } from "../support/fake-clock.ts";
import { fakeCredentials, GatedUpstream } from "../support/upstreams.ts";

/** A cache whose credentials have expired, and whose upstream throttles and asks for so long. */
async function throttled(retryAfterMs: number | undefined) {
  const clock = new FakeClock();
  const upstream = new GatedUpstream();
  const { cache } = createCache({ clock, upstream, random: () => 0 });
  cache.start();
  upstream.answer(fakeCredentials(EPOCH + HOUR));
  await clock.advance(30 * MINUTE);
  clock.jump(HOUR);
  upstream.fail(new UpstreamFailure("throttled", "simulated", { retryAfterMs }));
  await settle();
  return { clock, upstream, cache };
}

test("an upstream that throttles is called again when it asked to be, not sooner for any read", async () => {
  const { clock, upstream, cache } = await throttled(4 * MINUTE);
  for (let second = 1; second < 4 * 60; second += 1) {
    void cache.wait(SECOND);
    await clock.advance(SECOND);
    assert.equal(upstream.calls, 2);
  }
  await clock.advance(SECOND);
  assert.equal(upstream.calls, 3);
  cache.stop();
});

test("an upstream that throttles and does not say for how long is called again as after any failure", async () => {
  const { clock, upstream, cache } = await throttled(undefined);
  await clock.advance(75 * SECOND - 1);
  assert.equal(upstream.calls, 2);
  await clock.advance(1);
  assert.equal(upstream.calls, 3);
  cache.stop();
});

test("a read that finds nothing brings the call of an upstream that throttles forward, by half of the wait", async () => {
  const { clock, upstream, cache } = await throttled(undefined);
  for (let second = 1; second < 38; second += 1) {
    void cache.wait(SECOND);
    await clock.advance(SECOND);
    assert.equal(upstream.calls, 2);
  }
  await clock.advance(SECOND / 2);
  void cache.wait(SECOND);
  await settle();
  assert.equal(upstream.calls, 3);
  cache.stop();
});
