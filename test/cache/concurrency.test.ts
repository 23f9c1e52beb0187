/** Many clients at once, behind upstreams that answer when the test says so. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../src/http/documents.ts";
import { type Client, findClient, type Protocol } from "../../src/policy/clients.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { createCache, readOf } from "../support/credential-cache.ts";
import { EPOCH, FakeClock, settle } from "../support/fake-clock.ts";
import { fakeCredentials, GatedUpstream } from "../support/upstreams.ts";

const READS = 1_000;

function cold() {
  const clock = new FakeClock();
  const upstream = new GatedUpstream();
  const fixture = createCache({ clock, upstream, random: () => 0 });
  fixture.cache.start();
  return { clock, upstream, ...fixture };
}

/** With credentials for an hour. */
async function warm() {
  const fixture = cold();
  const credentials = fakeCredentials(EPOCH + HOUR);
  fixture.upstream.answer(credentials);
  await settle();
  return { ...fixture, credentials };
}

const documentIn = ({ body }: Answer) => JSON.parse(body.toString());

/** A thousand reads, every second of them on IMDS. */
function manyReads({ cache, reads }: ReturnType<typeof cold>): readonly Promise<Answer>[] {
  return Array.from({ length: READS }, (_, index) => reads.soon(readOf(cache, index % 2 ? "imds" : "container")));
}

test("a thousand concurrent cold reads make one upstream call and all get its credentials", async () => {
  const fixture = cold();
  const reading = manyReads(fixture);
  await settle();
  assert.equal(fixture.upstream.calls, 1);
  const credentials = fakeCredentials(EPOCH + HOUR);
  fixture.upstream.answer(credentials);
  const answers = await Promise.all(reading);
  const reported = answers.map((answer) => [
    answer.status,
    documentIn(answer).AccessKeyId,
    documentIn(answer).Expiration,
  ]);
  assert.deepEqual(
    reported,
    reported.map(() => [200, credentials.accessKeyId, "2026-01-01T00:59:00Z"]),
  );
  assert.equal(fixture.upstream.calls, 1);
  fixture.cache.stop();
});

test("a thousand concurrent cold reads get the error of a denial at once, after one upstream call", async () => {
  const fixture = cold();
  const reading = manyReads(fixture);
  fixture.upstream.fail(new UpstreamFailure("denied", "simulated"));
  const answers = await Promise.all(reading);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [503]);
  assert.equal(fixture.upstream.calls, 1);
  assert.equal(fixture.clock.now(), EPOCH);
  fixture.cache.stop();
});

test("a thousand reads past the expiration bring one upstream call forward", async () => {
  const fixture = await warm();
  fixture.clock.jump(2 * HOUR);
  const reading = manyReads(fixture);
  await settle();
  assert.equal(fixture.upstream.calls, 2);
  fixture.upstream.answer(fakeCredentials(fixture.clock.now() + HOUR));
  const answers = await Promise.all(reading);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(fixture.upstream.calls, 2);
  fixture.cache.stop();
});

test("a read with credentials in memory never waits for upstream, even while refreshes hang", async () => {
  const { clock, upstream, cache, reads, credentials } = await warm();
  for (const honestEnd = EPOCH + HOUR - MINUTE; clock.now() < honestEnd - SECOND; ) {
    await clock.advance(Math.min(10 * SECOND, honestEnd - SECOND - clock.now()));
    const answer = reads.now(readOf(cache, "container"));
    assert.equal(answer && documentIn(answer).AccessKeyId, credentials.accessKeyId);
  }
  assert.ok(upstream.calls > 2, "refreshes hung on the way");
  cache.stop();
});

test("no client ever sees a mixture of two generations during a swap", async () => {
  const { clock, upstream, cache, reads, credentials: first } = await warm();
  const clients: readonly (readonly [Protocol, Client | undefined])[] = [
    ["container", undefined],
    ["container", findClient("java-v1")],
    ["imds", undefined],
  ];
  const secretsNow = () => {
    const answers = clients.map(([protocol, client]) => reads.now(readOf(cache, protocol, client)) ?? assert.fail());
    return answers.map(documentIn).map(({ AccessKeyId, SecretAccessKey, Token, LastUpdated }) => {
      return { AccessKeyId, SecretAccessKey, Token, LastUpdated };
    });
  };
  const secretsOf = (accessKeyId: string, secretAccessKey: string, sessionToken: string, at: string) =>
    clients.map(() => ({
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      LastUpdated: at,
    }));
  await clock.advance(30 * MINUTE);
  const second = fakeCredentials(clock.now() + HOUR);
  const before = secretsOf(first.accessKeyId, first.secretAccessKey, first.sessionToken, "2026-01-01T00:00:00Z");
  const after = secretsOf(second.accessKeyId, second.secretAccessKey, second.sessionToken, "2026-01-01T00:30:00Z");
  upstream.answer(second);
  const seen = [];
  // The swap happens somewhere in the microtasks that follow the answer; this looks between each two of them.
  for (let turn = 0; turn < 50; turn += 1) {
    seen.push(secretsNow());
    await Promise.resolve();
  }
  const swap = seen.findIndex((secrets) => secrets[0]?.AccessKeyId === second.accessKeyId);
  assert.ok(swap > 0, "the swap was watched");
  assert.deepEqual(seen, [...Array(swap).fill(before), ...Array(50 - swap).fill(after)]);
  cache.stop();
});

test("stop releases waiting reads at once", async () => {
  const fixture = cold();
  const reading = manyReads(fixture);
  await settle();
  fixture.cache.stop();
  const answers = await Promise.all(reading);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [503]);
  assert.equal(fixture.clock.now(), EPOCH);
});

test("stop ends the refreshes, and an answer that comes later changes nothing", async () => {
  const { clock, upstream, cache, credentials } = await warm();
  await clock.advance(30 * MINUTE);
  assert.equal(upstream.calls, 2, "the refresh is in flight");
  cache.stop();
  upstream.answer(fakeCredentials(clock.now() + HOUR));
  await clock.advance(12 * HOUR);
  assert.equal(cache.state.cached?.credentials, credentials);
  assert.equal(upstream.calls, 2);
});
