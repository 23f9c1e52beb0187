/** A state file on a file system that hangs, fails or comes late: it costs no start, no read and no credentials. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { CredentialCache } from "../../src/cache/credential-cache.ts";
import { PrivateFile } from "../../src/state/private-file.ts";
import { StateFile } from "../../src/state/state-file.ts";
import type { StateEvent } from "../../src/telemetry/events.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { createCache } from "../support/credential-cache.ts";
import { FakeClock, settle } from "../support/fake-clock.ts";
import { fakeCredentials, upstreamOf } from "../support/upstreams.ts";

/** A file in a variable, whose operations wait for `gate` and then do what `fault` says. */
class FakeFile extends PrivateFile {
  gate: Promise<void> = Promise.resolve();
  fault: Error | undefined;
  text: string | undefined;
  writes = 0;

  constructor() {
    super({ path: "/state/private/state.json", medium: "memory", userId: 0 });
  }

  override prepare = () => this.#do(() => undefined);
  override removeTemporary = () => this.#do(() => undefined);
  override read = () => this.#do(() => this.text);
  override write = (text: string) =>
    this.#do(() => {
      this.text = text;
      this.writes += 1;
    });

  async #do<T>(work: () => T): Promise<T> {
    await this.gate;
    if (this.fault !== undefined) throw this.fault;
    return work();
  }
}

/** A credential cache and its state file, as the sidecar connects them. */
function connected(t: TestContext, clock: FakeClock, file: FakeFile) {
  const issued = upstreamOf(() => fakeCredentials(clock.now() + HOUR));
  const upstream = Object.assign(issued, { givenFor: "role a", askedFor: async () => "role a" });
  const events: StateEvent[] = [];
  let state: StateFile | undefined;
  const { cache } = createCache({ clock, upstream, onAttempt: (event) => state?.onAttempt(event) });
  const identities = new Map([["default", { cache, upstream }]]);
  state = new StateFile({ file, clock, monotonicOriginMs: 0, identities, onState: (event) => events.push(event) });
  t.after(() => cache.stop());
  return { cache, state, events, upstream, kinds: () => events.map(({ kind }) => kind) };
}

const keyOf = (cache: CredentialCache) => cache.current()?.credentials.accessKeyId;

/** File operations take turns of the event loop; real ones too, from {@link bootId}. */
async function untilEvents(events: readonly StateEvent[], count: number): Promise<void> {
  while (events.length < count) await settle();
}

/** Lets a sidecar before this one keep its credentials in the file, and end. */
async function fill(t: TestContext, clock: FakeClock, file: FakeFile): Promise<void> {
  const { cache, state, events } = connected(t, clock, file);
  await state.restore();
  cache.start();
  await untilEvents(events, 1);
  cache.stop();
}

suite("A state file", () => {
  test("that hangs delays a start by a second, and no read and no refresh ever", async (t) => {
    const clock = new FakeClock();
    const file = new FakeFile();
    file.gate = new Promise(() => {});
    const { cache, state, events, kinds } = connected(t, clock, file);
    let isOver = false;
    const restoring = state.restore().then(() => {
      isOver = true;
    });
    await clock.advance(SECOND - 1);
    assert.equal(isOver, false);
    await clock.advance(1);
    await restoring;
    cache.start();
    await clock.advance(3 * HOUR);
    assert.notEqual(cache.current(), undefined);
    assert.deepEqual(events, [{ kind: "failed", reason: "does not answer", isNews: true }]);
    const closing = state.close();
    await clock.advance(SECOND);
    await closing;
    assert.deepEqual(kinds(), ["failed"], "it is said once");
  });

  test("that answers after the start has begun without it changes nothing, and is kept from then on", async (t) => {
    const clock = new FakeClock();
    const file = new FakeFile();
    await fill(t, clock, file);
    const { promise, resolve } = Promise.withResolvers<void>();
    file.gate = promise;
    const { cache, state, events, kinds } = connected(t, clock, file);
    const restoring = state.restore();
    await clock.advance(SECOND);
    await restoring;
    cache.start();
    await settle();
    const key = keyOf(cache);
    resolve();
    await untilEvents(events, 2);
    assert.deepEqual([keyOf(cache), kinds()], [key, ["failed", "written"]]);
  });

  test("that cannot be written is said once, and again when it could be written meanwhile", async (t) => {
    const clock = new FakeClock();
    const file = new FakeFile();
    const { cache, state, events } = connected(t, clock, file);
    await state.restore();
    file.fault = Object.assign(new Error("fake"), { code: "ENOSPC" });
    const refresh = async () => {
      await clock.advance(MINUTE);
      cache.refreshNow("request");
      await settle();
    };
    cache.start();
    await untilEvents(events, 1);
    await refresh();
    await untilEvents(events, 2);
    file.fault = undefined;
    await refresh();
    await untilEvents(events, 3);
    file.fault = new TypeError("fake");
    await refresh();
    await untilEvents(events, 4);
    assert.deepEqual(events, [
      { kind: "failed", reason: "cannot be used (ENOSPC)", isNews: true },
      { kind: "failed", reason: "cannot be used (ENOSPC)", isNews: false },
      { kind: "written" },
      { kind: "failed", reason: "cannot be used (failed)", isNews: true },
    ]);
    assert.notEqual(cache.current(), undefined);
  });

  test("is written one write at a time, and the last one holds the latest", async (t) => {
    const clock = new FakeClock();
    const file = new FakeFile();
    const { cache, state, events } = connected(t, clock, file);
    await state.restore();
    const { promise, resolve } = Promise.withResolvers<void>();
    file.gate = promise;
    cache.start();
    await settle();
    await clock.advance(900);
    cache.refreshNow("request");
    await settle();
    resolve();
    await untilEvents(events, 1);
    while (!file.text?.includes(keyOf(cache) ?? "none")) await settle();
    assert.ok(file.writes <= 2, `${file.writes} writes`);
  });

  test("says nothing when the set-up cannot be read: what it holds may be another's", async (t) => {
    const clock = new FakeClock();
    const file = new FakeFile();
    await fill(t, clock, file);
    const { cache, state, kinds, upstream } = connected(t, clock, file);
    upstream.askedFor = async () => assert.fail("the profile is gone");
    await state.restore();
    assert.deepEqual([kinds(), cache.current()], [["ignored"], undefined]);
  });
});
