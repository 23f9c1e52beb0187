import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCredentials } from "../../src/credentials.ts";
import { createDemoUpstream } from "../../src/upstream/demo.ts";
import { EPOCH, FakeClock } from "../support/fake-clock.ts";
import { fakeEdge } from "../support/fake-edge.ts";

async function fetched(clock: FakeClock, upstream: ReturnType<typeof createDemoUpstream>) {
  const answer = upstream.fetch(AbortSignal.any([]));
  await clock.advance(80);
  return await answer;
}

test("answers after 80 ms, and no sooner", async () => {
  const clock = new FakeClock();
  const upstream = createDemoUpstream(fakeEdge({ clock }));
  let answered = false;
  const answer = upstream.fetch(AbortSignal.any([])).then(() => {
    answered = true;
  });
  await clock.advance(79);
  assert.equal(answered, false);
  await clock.advance(1);
  await answer;
  assert.equal(answered, true);
  assert.equal(clock.armed, 0);
});

test("issues credentials of 15 minutes from the answer on", async () => {
  const clock = new FakeClock();
  const { lifetime } = await fetched(clock, createDemoUpstream(fakeEdge({ clock })));
  assert.deepEqual(lifetime, { kind: "until", expiration: EPOCH + 80 + 900_000 });
});

test("issues other credentials each time, which look made up and pass every check", async () => {
  const clock = new FakeClock();
  const upstream = createDemoUpstream(fakeEdge({ clock }));
  const [first, second] = [await fetched(clock, upstream), await fetched(clock, upstream)];
  assert.notEqual(first.accessKeyId, second.accessKeyId);
  for (const { accessKeyId, secretAccessKey, sessionToken, lifetime, accountId, roleArn } of [first, second]) {
    assert.match(accessKeyId, /^ASIADEMO[0-9A-F]{12}$/);
    assert.match(secretAccessKey, /^demo-not-a-secret-/);
    assert.match(sessionToken, /^demo-not-a-token-/);
    assert.equal(lifetime.kind, "until");
    const given = { accessKeyId, secretAccessKey, sessionToken, accountId, expiration: new Date(lifetime.expiration) };
    assert.equal(checkCredentials(given, { roleArn, unlimitedAllowed: false }).kind, "ok");
  }
});

test("has secrets as long as real ones", async () => {
  const clock = new FakeClock();
  const { accessKeyId, secretAccessKey } = await fetched(clock, createDemoUpstream(fakeEdge({ clock })));
  assert.deepEqual([accessKeyId.length, secretAccessKey.length], [20, 40]);
});

test("says of itself that AWS does not know what it issues", () => {
  assert.match(createDemoUpstream(fakeEdge()).description, /^demo \(made-up credentials that AWS does not know\)$/);
});
