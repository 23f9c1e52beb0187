/** The moments that matter: applications begin to fail, and upstream answers again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExpiredEvent, RecoveredEvent } from "../../src/cache/events.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { createCache } from "../support/credential-cache.ts";
import { EPOCH, FakeClock, settle } from "../support/fake-clock.ts";
import { fakeCredentials, GatedUpstream, upstreamOf } from "../support/upstreams.ts";

/** A cache that is refreshed when it is due at the latest, and its events. */
function watched() {
  const clock = new FakeClock();
  const upstream = new GatedUpstream();
  const expired: (ExpiredEvent & { readonly at: number })[] = [];
  const recovered: RecoveredEvent[] = [];
  const { cache } = createCache({
    clock,
    upstream,
    random: () => 0,
    onExpired: (event) => expired.push({ ...event, at: clock.now() - EPOCH }),
    onRecovered: (event) => recovered.push(event),
  });
  cache.start();
  return { clock, upstream, cache, expired, recovered };
}

async function loaded(lifetimeMs: number) {
  const found = watched();
  found.upstream.answer(fakeCredentials(EPOCH + lifetimeMs));
  await settle();
  return found;
}

const failure = new UpstreamFailure("denied", "simulated");

test("the end of the honest lifetime is reported once, with why no refresh succeeded", async () => {
  const { clock, upstream, cache, expired } = await loaded(15 * MINUTE);
  await clock.advance(5 * MINUTE);
  while (clock.now() < EPOCH + 13 * MINUTE) {
    upstream.fail(failure);
    await settle();
    await clock.advance((cache.state.nextRefreshAt ?? 0) - clock.now());
  }
  upstream.fail(failure);
  await clock.advance(14 * MINUTE - (clock.now() - EPOCH) - 1);
  assert.equal(expired.length, 0);
  await clock.advance(1);
  const [event = assert.fail("no event")] = expired;
  assert.deepEqual(event, { identity: "default", failure, failures: event.failures, at: 14 * MINUTE });
  assert.ok(event.failures > 1);
  await clock.advance(HOUR);
  assert.equal(expired.length, 1);
  cache.stop();
});

test("the end is reported while an attempt hangs, and without a failure when there was none", async () => {
  const { clock, cache, expired } = await loaded(3 * MINUTE);
  await clock.advance(MINUTE);
  await clock.advance(MINUTE);
  assert.deepEqual(
    expired.map(({ at }) => at),
    [2 * MINUTE],
  );
  cache.stop();
});

test("a refresh in time reports nothing, and its credentials have an end of their own", async () => {
  const { clock, upstream, cache, expired, recovered } = await loaded(HOUR);
  await clock.advance(30 * MINUTE);
  upstream.answer(fakeCredentials(clock.now() + HOUR));
  await settle();
  await clock.advance(30 * MINUTE - SECOND);
  assert.deepEqual([expired, recovered], [[], []]);
  cache.stop();
});

test("each set of credentials expires once", async () => {
  const clock = new FakeClock();
  let isWell = true;
  const upstream = upstreamOf(() => {
    if (!isWell) throw failure;
    return fakeCredentials(clock.now() + 3 * MINUTE);
  });
  let expired = 0;
  const onExpired = () => {
    expired += 1;
  };
  const { cache } = createCache({ clock, upstream, onExpired });
  cache.start();
  for (const count of [1, 2]) {
    isWell = true;
    await clock.advance(5 * MINUTE);
    isWell = false;
    await clock.advance(10 * MINUTE);
    assert.equal(expired, count);
  }
  cache.stop();
});

test("credentials without an expiration never expire", async () => {
  for (const kind of ["unknown", "unlimited"] as const) {
    const { clock, upstream, cache, expired } = watched();
    upstream.answer(fakeCredentials(undefined, { lifetime: { kind } }));
    await clock.advance(48 * HOUR);
    assert.deepEqual(expired, []);
    cache.stop();
  }
});

test("a suspend past the end is noticed at the failure that follows it", async () => {
  const { clock, upstream, cache, expired } = await loaded(HOUR);
  await clock.advance(30 * MINUTE);
  clock.jump(3 * HOUR);
  upstream.fail(failure);
  await settle();
  assert.deepEqual(
    expired.map(({ failures }) => failures),
    [1],
  );
  cache.stop();
});

test("the first success after failures reports how many there were, for how long, and that clients got nothing", async () => {
  const { clock, upstream, cache, recovered } = watched();
  await clock.advance(SECOND);
  upstream.fail(failure);
  await clock.advance(5 * SECOND);
  upstream.fail(failure);
  await clock.advance(15 * SECOND);
  upstream.answer(fakeCredentials(clock.now() + HOUR));
  await settle();
  assert.deepEqual(recovered, [{ identity: "default", failures: 2, failingForMs: 21 * SECOND, wasExpired: true }]);
  await clock.advance(30 * MINUTE);
  upstream.answer(fakeCredentials(clock.now() + HOUR));
  await settle();
  assert.equal(recovered.length, 1);
  cache.stop();
});

test("a success in time after failures says that clients were served", async () => {
  const { clock, upstream, cache, recovered } = await loaded(HOUR);
  const { cached = assert.fail() } = cache.state;
  await clock.advance(30 * MINUTE);
  upstream.fail(failure);
  await settle();
  await clock.advance((cache.state.nextRefreshAt ?? 0) - clock.now());
  upstream.answer(cached.credentials);
  await settle();
  assert.deepEqual(
    recovered.map(({ failures, wasExpired }) => ({ failures, wasExpired })),
    [{ failures: 1, wasExpired: false }],
  );
  cache.stop();
});

test("a cache that is stopped reports nothing more", async () => {
  const { clock, upstream, cache, expired, recovered } = await loaded(HOUR);
  await clock.advance(30 * MINUTE);
  cache.stop();
  upstream.fail(failure);
  await clock.advance(2 * HOUR);
  assert.deepEqual([expired, recovered], [[], []]);
});
