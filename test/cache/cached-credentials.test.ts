import assert from "node:assert/strict";
import { test } from "node:test";
import { setBackMs, shiftedBack } from "../../src/cache/cached-credentials.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const before = { wall: EPOCH, monotonicMs: 5_000 };

for (const { name, wallMs, monotonicMs, byMs } of [
  { name: "not at all while both clocks run alike", wallMs: HOUR, monotonicMs: HOUR, byMs: 0 },
  { name: "by what the wall clock lacks", wallMs: HOUR, monotonicMs: 3 * HOUR, byMs: 2 * HOUR },
  { name: "by more than has passed", wallMs: -HOUR, monotonicMs: MINUTE, byMs: HOUR + MINUTE },
  { name: "by less than nothing where it was set ahead", wallMs: 3 * HOUR, monotonicMs: HOUR, byMs: -2 * HOUR },
]) {
  test(`the wall clock was set back ${name}`, () => {
    const now = { wall: before.wall + wallMs, monotonicMs: before.monotonicMs + monotonicMs };
    assert.equal(setBackMs(before, now), byMs);
  });
}

const cached = { credentials: fakeCredentials(EPOCH + HOUR), obtainedAt: EPOCH, generation: 3 };

for (const byMs of [-HOUR, 0, SECOND - 1]) {
  test(`credentials stay as they are when the wall clock was set back by ${byMs} ms`, () => {
    assert.equal(shiftedBack(cached, byMs), cached);
  });
}

for (const byMs of [SECOND, HOUR]) {
  test(`credentials begin and end ${byMs} ms sooner when the wall clock was set back by that much`, () => {
    const { credentials, obtainedAt, generation } = shiftedBack(cached, byMs);
    assert.deepEqual(credentials.lifetime, { kind: "until", expiration: EPOCH + HOUR - byMs });
    assert.deepEqual([obtainedAt, generation], [EPOCH - byMs, 3]);
    assert.equal(credentials.accessKeyId, cached.credentials.accessKeyId);
  });
}

test("credentials without an expiration stay as they are however far the wall clock was set back", () => {
  const endless = { ...cached, credentials: fakeCredentials(undefined) };
  assert.equal(shiftedBack(endless, HOUR), endless);
});
