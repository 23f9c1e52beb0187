/** Bytes that nobody thought of: noise, and the corpus broken in every way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readCorpus } from "../support/corpus.ts";
import { runs } from "../support/properties.ts";
import { legitimateReads } from "../support/reference-requests.ts";
import {
  answersIn,
  assertServesStill,
  holdsSecret,
  openSession,
  sendBytes,
  serveCredentials,
} from "../support/served-credentials.ts";

/** What parsers trip over. */
const pieces = [
  ..."\r\n|\n|\r|\0| |\t|:|,|\x7f|\x80|\r\n\r\n|\r\n |/|//|%2f|*".split("|"),
  ..."GET |HEAD |PUT |CONNECT |HTTP/1.1|HTTP/1.0|HTTP/0.9|HTTP/2.0|http://evil.example".split("|"),
  "Host: evil.example\r\n",
  "Host: 127.0.0.1\r\n",
  "vIA: x\r\n",
  "oRiGiN: null\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: 0\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Connection: keep-alive\r\n",
  "Authorization: fake-auth-token\r\n",
  "Authorization: fake-auth-tokeN\r\n",
  "0\r\n\r\n",
  "GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
].map((text) => Buffer.from(text, "latin1"));

const inserted = fc.oneof(fc.constantFrom(...pieces), fc.uint8Array({ minLength: 1, maxLength: 8 }));
/** Puts something in place of `drop` bytes. Places are parts of the whole, so that shrinking keeps their meaning. */
const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.nat(12), put: inserted });

function edited(bytes: Buffer, { at, drop, put }: { at: number; drop: number; put: Uint8Array }): Buffer {
  const start = Math.floor(at * bytes.length);
  return Buffer.concat([bytes.subarray(0, start), put, bytes.subarray(start + drop)]);
}

/** Cases of the corpus, one behind the other, with a few edits; and plain noise now and then. */
function bytesFrom(corpus: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const seeds = fc.array(fc.constantFrom(...corpus), { minLength: 1, maxLength: 3 });
  const edits = fc.array(edit, { maxLength: 4 });
  const mutated = fc.tuple(seeds, edits).map(([parts, list]) => list.reduce(edited, Buffer.concat(parts)));
  const noise = fc.uint8Array({ maxLength: 512 }).map((bytes) => Buffer.from(bytes));
  return fc.oneof({ weight: 9, arbitrary: mutated }, { weight: 1, arbitrary: noise });
}

test("Malformed bytes never stop it.", async (t) => {
  const served = await serveCredentials(t);
  const session = await openSession(served);
  const corpus = readCorpus(session).map(({ bytes }) => bytes);
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(bytesFrom(corpus), async (bytes) => {
      const answers = answersIn(await sendBytes(served.url, bytes, { end: true }));
      const withSecret = answers.filter(({ head, body }) => holdsSecret(head + body, served));
      assert.ok(
        withSecret.every(({ status }) => status === 200),
        "a refusal holds no secret",
      );
      assert.ok(withSecret.length <= legitimateReads(bytes, session), "only a legitimate request reads");
      await assertServesStill(served);
      if (answers.some(({ status }) => status >= 400)) refused += 1;
    }),
    runs(400),
  );
  assert.ok(refused > 100, `only ${refused} of the inputs were refused: they were not malformed enough`);
});

test("no malformed bytes are taken for the token", async (t) => {
  const served = await serveCredentials(t, { flags: ["--auth-token=fake-auth-token", "--imds=v2"] });
  const session = await openSession(served);
  const good = readCorpus(session).filter(({ answers }) => answers.some(({ credentials }) => credentials));
  const withToken = good.map(({ bytes }) =>
    Buffer.from(
      bytes.toString("latin1").replaceAll("\r\nHost:", "\r\nAuthorization: fake-auth-token\r\nHost:"),
      "latin1",
    ),
  );
  let reads = 0;
  await fc.assert(
    fc.asyncProperty(bytesFrom(withToken), async (bytes) => {
      const answers = answersIn(await sendBytes(served.url, bytes, { end: true }));
      const withSecret = answers.filter(({ head, body }) => holdsSecret(head + body, served));
      reads += withSecret.length;
      const text = bytes.toString("latin1");
      const entitled = /^authorization:[ \t]*fake-auth-token[ \t]*\r$/im.test(text) || text.includes(session);
      assert.ok(withSecret.length === 0 || entitled, "nobody reads who has neither the token nor a session");
      assert.ok(withSecret.length <= legitimateReads(bytes, session), "only a legitimate request reads");
      await assertServesStill(served, { Authorization: "fake-auth-token" });
    }),
    runs(200),
  );
  assert.ok(reads > 50, `only ${reads} reads were good: the inputs were broken too much`);
});

test("reads the corpus as its authors do: the reference counts no read too few or too many", () => {
  for (const { name, bytes, answers } of readCorpus("fake-session")) {
    const expected = answers.filter(({ credentials }) => credentials).length;
    assert.equal(legitimateReads(bytes, "fake-session"), expected, name);
  }
});
