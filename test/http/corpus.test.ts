/** Every case of test/http/corpus, sent over a socket as it is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CorpusCase, readCorpus } from "../support/corpus.ts";
import {
  answersIn,
  assertServesStill,
  holdsSecret,
  openSession,
  type ServedCredentials,
  sendBytes,
  serveCredentials,
} from "../support/served-credentials.ts";

const GOOD = Buffer.from("GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");

/** What a case came to, in the words of the corpus. */
async function outcomeOf({ bytes, answers, ending }: CorpusCase, served: ServedCredentials): Promise<string> {
  const then = ending === "open" ? { after: answers.length, send: GOOD } : undefined;
  const heard = await sendBytes(served.url, bytes, { ...(then && { then }), end: ending === "closed after end" });
  const came = answersIn(heard).map(({ status, head, body }) => {
    assert.ok(!holdsSecret(head, served), "no header holds a secret");
    assert.ok(status === 200 || !holdsSecret(body, served), `a refusal with ${status} holds no secret`);
    return holdsSecret(body, served) ? `${status} credentials` : `${status}`;
  });
  return came.join(", ");
}

function expectedOf({ answers, ending }: CorpusCase): string {
  const all = ending === "open" ? [...answers, { status: 200, credentials: true }] : answers;
  return all.map(({ status, credentials }) => (credentials ? `${status} credentials` : `${status}`)).join(", ");
}

test("answers every case of the corpus as it says", async (t) => {
  const served = await serveCredentials(t);
  const cases = readCorpus(await openSession(served));
  for (const one of cases) {
    await t.test(one.name, async () => {
      assert.equal(await outcomeOf(one, served), expectedOf(one));
      await assertServesStill(served);
    });
  }
});

test("gives no credentials for any case of the corpus where a token is asked for", async (t) => {
  const served = await serveCredentials(t, { flags: ["--auth-token=fake-auth-token"] });
  for (const { name, bytes } of readCorpus("fake-session")) {
    const heard = await sendBytes(served.url, bytes, { end: true });
    assert.ok(!holdsSecret(heard, served), name);
  }
  await assertServesStill(served, { Authorization: "fake-auth-token" });
});

test("tells every case of the corpus apart", () => {
  const names = readCorpus("fake-session").map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});
