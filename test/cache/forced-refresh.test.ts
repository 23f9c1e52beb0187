/** A forced refresh: a new session now, whatever is cached. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { ForcedResult } from "../../src/cache/forced-refresh.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { createCache } from "../support/credential-cache.ts";
import { EPOCH, FakeClock, settle } from "../support/fake-clock.ts";
import { fakeCredentials, GatedUpstream } from "../support/upstreams.ts";

/** A started credential cache whose upstream answers when the test says so, with an hour's session cached. */
async function loaded(t: TestContext) {
  const clock = new FakeClock();
  const upstream = new GatedUpstream();
  const { cache } = createCache({ clock, upstream });
  const first = fakeCredentials(EPOCH + HOUR);
  cache.start();
  t.after(() => cache.stop());
  upstream.answer(first);
  await settle();
  const cachedKey = () => cache.current()?.credentials.accessKeyId;
  return { clock, upstream, cache, first, cachedKey };
}

/** Asks; fails when it is too soon. The result is undefined until there is one. */
function force(cache: Awaited<ReturnType<typeof loaded>>["cache"]): () => ForcedResult | undefined {
  const forced = cache.refreshNow("request");
  assert.ok(forced.kind === "accepted", "it is too soon");
  let result: ForcedResult | undefined;
  void forced.result.then((given) => {
    result = given;
  });
  return () => result;
}

const denied = new UpstreamFailure("denied", "fake");

suite("A forced refresh", () => {
  test("asks upstream at once, and serves the new session even when it ends sooner", async (t) => {
    const { clock, upstream, cache, cachedKey } = await loaded(t);
    const result = force(cache);
    await settle();
    assert.equal(upstream.calls, 2);
    const shorter = fakeCredentials(EPOCH + 20 * MINUTE);
    upstream.answer(shorter);
    await settle();
    assert.equal(cachedKey(), shorter.accessKeyId);
    assert.deepEqual(result(), { kind: "refreshed", expiration: EPOCH + 20 * MINUTE });
    assert.ok((cache.state.nextRefreshAt ?? 0) > clock.now());
  });

  test("keeps what is cached when it fails, and says so", async (t) => {
    const { upstream, cache, first, cachedKey } = await loaded(t);
    const result = force(cache);
    await settle();
    upstream.fail(denied);
    await settle();
    assert.equal(cachedKey(), first.accessKeyId);
    assert.deepEqual(result(), { kind: "failed", failure: denied });
  });

  test("that failed is still wanted: the next answer replaces what is cached, even when it ends sooner", async (t) => {
    const { clock, upstream, cache, cachedKey } = await loaded(t);
    force(cache);
    await settle();
    upstream.fail(denied);
    await settle();
    await clock.advance((cache.state.nextRefreshAt ?? 0) - clock.now());
    const shorter = fakeCredentials(EPOCH + 40 * MINUTE);
    upstream.answer(shorter);
    await settle();
    assert.equal(cachedKey(), shorter.accessKeyId);
    await clock.advance((cache.state.nextRefreshAt ?? 0) - clock.now());
    upstream.answer(fakeCredentials(EPOCH + 39 * MINUTE));
    await settle();
    assert.equal(cachedKey(), shorter.accessKeyId, "it is wanted once only");
  });

  test("says that an upstream that caches gave the same session again", async (t) => {
    const { upstream, cache, first } = await loaded(t);
    const result = force(cache);
    await settle();
    upstream.answer({ ...first });
    await settle();
    assert.deepEqual(result(), { kind: "unchanged" });
  });

  test("is not answered by the attempt in flight, whose session may have been issued before", async (t) => {
    const { clock, upstream, cache, cachedKey } = await loaded(t);
    await clock.advance((cache.state.nextRefreshAt ?? 0) - clock.now());
    assert.equal(upstream.calls, 2, "a refresh is in flight");
    const result = force(cache);
    upstream.answer(fakeCredentials(clock.now() + HOUR));
    await settle();
    assert.equal(result(), undefined);
    assert.equal(upstream.calls, 3, "the next begins at once");
    const newest = fakeCredentials(clock.now() + MINUTE * 30);
    upstream.answer(newest);
    await settle();
    assert.equal(cachedKey(), newest.accessKeyId);
    assert.equal(result()?.kind, "refreshed");
  });

  test("begins at once after an attempt in flight that fails", async (t) => {
    const { clock, upstream, cache } = await loaded(t);
    await clock.advance((cache.state.nextRefreshAt ?? 0) - clock.now());
    const result = force(cache);
    upstream.fail(denied);
    await settle();
    assert.equal(upstream.calls, 3);
    upstream.answer(fakeCredentials(clock.now() + HOUR));
    await settle();
    assert.equal(result()?.kind, "refreshed");
  });

  test("is accepted at most once a minute, and says when the next one is", async (t) => {
    const { clock, cache } = await loaded(t);
    force(cache);
    await clock.advance(20 * SECOND);
    assert.deepEqual(cache.refreshNow("request"), { kind: "too-soon", retryAfterMs: 40 * SECOND });
    clock.jump(HOUR);
    assert.equal(cache.refreshNow("request").kind, "too-soon", "a clock that is set changes nothing");
    await clock.advance(40 * SECOND);
    force(cache);
  });

  test("ends the wait of a cold start", async (t) => {
    const clock = new FakeClock();
    const upstream = new GatedUpstream();
    const { cache } = createCache({ clock, upstream });
    cache.start();
    t.after(() => cache.stop());
    upstream.fail(denied);
    await settle();
    force(cache);
    await settle();
    assert.equal(upstream.calls, 2);
  });

  test("that is waited for ends when the sidecar stops", async (t) => {
    const { cache } = await loaded(t);
    const result = force(cache);
    cache.stop();
    await settle();
    assert.deepEqual(result(), { kind: "stopped" });
    await t.test("and so does one that is asked for afterwards", async () => {
      const late = createCache({ clock: new FakeClock(), upstream: new GatedUpstream() }).cache;
      late.stop();
      const result = force(late);
      await settle();
      assert.deepEqual(result(), { kind: "stopped" });
    });
  });
});
