/** What a credential cache arms, and that nothing of it stays. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../src/cache/backoff.ts";
import { setWallTimer } from "../../src/cache/wall-timer.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { createCache } from "../support/credential-cache.ts";
import { EPOCH, FakeClock, settle } from "../support/fake-clock.ts";
import { fakeCredentials, GatedUpstream } from "../support/upstreams.ts";

function timer(delayMs: number) {
  const clock = new FakeClock();
  let fired = 0;
  const cancel = setWallTimer(clock, delayMs, () => {
    fired += 1;
  });
  return { clock, cancel, fired: () => fired };
}

test("a wall timer fires once, when its time is over", async () => {
  const { clock, fired } = timer(2.5 * MINUTE);
  await clock.advance(2.5 * MINUTE - 1);
  assert.equal(fired(), 0);
  await clock.advance(1);
  assert.equal(fired(), 1);
  await clock.advance(HOUR);
  assert.deepEqual([fired(), clock.armed], [1, 0]);
});

test("a wall timer notices within a minute that the wall clock has passed its end", async () => {
  const { clock, fired } = timer(HOUR);
  clock.jump(HOUR);
  await clock.advance(MINUTE - 1);
  assert.equal(fired(), 0);
  await clock.advance(1);
  assert.equal(fired(), 1);
});

test("a wall timer is not put off by a wall clock that is set back", async () => {
  const { clock, fired } = timer(HOUR);
  clock.jump(-HOUR);
  await clock.advance(HOUR);
  assert.equal(fired(), 1);
});

for (const afterMs of [0, 30 * MINUTE]) {
  test(`a wall timer that is cancelled after ${afterMs / MINUTE} min never fires`, async () => {
    const { clock, cancel, fired } = timer(HOUR);
    await clock.advance(afterMs);
    cancel();
    assert.equal(clock.armed, 0);
    await clock.advance(2 * HOUR);
    assert.equal(fired(), 0);
  });
}

test("a backoff that is ended early leaves no timer, and may be ended again", async () => {
  const clock = new FakeClock();
  const backoff = new Backoff(clock, HOUR);
  backoff.end();
  await backoff.done;
  assert.equal(clock.armed, 0);
  backoff.end();
});

test("however many refreshes and reads there were, a cache has two timers: its backoff's and its expiry's", async () => {
  const clock = new FakeClock();
  const upstream = new GatedUpstream();
  const { cache } = createCache({ clock, upstream });
  cache.start();
  for (let refresh = 0; refresh < 20; refresh += 1) {
    const waiting = [cache.wait(400), cache.wait(800)];
    if (refresh % 3 === 2) upstream.fail(new UpstreamFailure("unavailable", "simulated"));
    else upstream.answer(fakeCredentials(clock.now() + HOUR));
    await settle();
    await Promise.all(waiting);
    assert.equal(clock.armed, 2);
    await clock.advance((cache.state.nextRefreshAt ?? 0) - clock.now());
  }
  cache.stop();
});

for (const how of ["answers", "fails"] as const) {
  test(`a cache that is stopped in flight leaves no timer when upstream ${how}`, async () => {
    const clock = new FakeClock();
    const upstream = new GatedUpstream();
    const { cache } = createCache({ clock, upstream });
    cache.start();
    cache.stop();
    if (how === "answers") upstream.answer(fakeCredentials(EPOCH + HOUR));
    else upstream.fail(new UpstreamFailure("unavailable", "simulated"));
    await settle();
    assert.deepEqual([clock.armed, upstream.calls], [0, 1]);
  });
}

test("a cache that is stopped leaves no timer", async () => {
  const clock = new FakeClock();
  const upstream = new GatedUpstream();
  const { cache } = createCache({ clock, upstream });
  cache.start();
  upstream.answer(fakeCredentials(EPOCH + HOUR));
  await settle();
  const waiting = cache.wait(800);
  cache.stop();
  await waiting;
  assert.equal(clock.armed, 0);
});
