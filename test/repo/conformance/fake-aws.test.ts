/** The local AWS of `conformance/`, asked by the released JavaScript SDK. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { FakeAws, type Rejection } from "../../../conformance/harness/fake-aws.ts";
import { invent } from "../../../conformance/harness/fake-upstream.ts";
import { serve } from "../../../conformance/harness/http.ts";
import { type Issued, Ledger } from "../../../conformance/harness/ledger.ts";
import { get } from "../../support/served.ts";

const ISSUED_AT = Date.parse("2026-01-01T00:00:00Z");
const EXPIRATION = ISSUED_AT + 900_000;

/** Closed when the test ends. */
async function openAws(t: TestContext, now: () => number, ...known: readonly Issued[]) {
  const ledger = new Ledger();
  for (const issued of known) ledger.record(issued);
  const aws = new FakeAws(ledger, now);
  const { url, close } = await serve(aws.handle);
  t.after(close);
  return { aws, url };
}

function clientConfig(endpoint: string, { accessKeyId, secretAccessKey, sessionToken }: Issued) {
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  return { endpoint, region: "eu-west-1", credentials, maxAttempts: 1 };
}

const calls = {
  "STS GetCallerIdentity": (url: string, issued: Issued) =>
    new STSClient(clientConfig(url, issued)).send(new GetCallerIdentityCommand({})),
  "S3 GetObject": (url: string, issued: Issued) =>
    new S3Client({ ...clientConfig(url, issued), forcePathStyle: true }).send(
      new GetObjectCommand({ Bucket: "bucket", Key: "a key/with + signs" }),
    ),
  "S3 HeadObject": (url: string, issued: Issued) =>
    new S3Client({ ...clientConfig(url, issued), forcePathStyle: true }).send(
      new HeadObjectCommand({ Bucket: "bucket", Key: "key" }),
    ),
};

const issued = invent(EXPIRATION);

const rejected: readonly {
  readonly what: string;
  readonly with: Issued;
  readonly at: number;
  readonly as: Rejection;
}[] = [
  { what: "from its real expiration on", with: issued, at: EXPIRATION, as: "expired" },
  { what: "with a key that nobody issued", with: invent(EXPIRATION), at: ISSUED_AT, as: "unknown-key" },
  { what: "with another session's token", with: { ...issued, sessionToken: "fake" }, at: ISSUED_AT, as: "wrong-token" },
  { what: "without its token", with: { ...issued, sessionToken: "" }, at: ISSUED_AT, as: "wrong-token" },
  {
    what: "with another session's secret",
    with: { ...issued, secretAccessKey: "fake" },
    at: ISSUED_AT,
    as: "bad-signature",
  },
];

suite("S3", () => {
  const open = async (t: TestContext) => {
    const { url } = await openAws(t, () => ISSUED_AT, issued);
    return new S3Client({ ...clientConfig(url, issued), forcePathStyle: true });
  };

  test("gives the part of an object that is asked for, and says which", async (t) => {
    const s3 = await open(t);
    const whole = await s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "key" }));
    const part = await s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "key", Range: "bytes=2-4" }));
    const text = await whole.Body?.transformToString();
    assert.equal(await part.Body?.transformToString(), text?.slice(2, 5));
    assert.equal(part.ContentRange, `bytes 2-4/${text?.length}`);
  });

  test("has nothing yet below one prefix, lists nothing, and takes what is written", async (t) => {
    const s3 = await open(t);
    await assert.rejects(s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "nothing/config" })), {
      name: "NoSuchKey",
    });
    assert.equal((await s3.send(new ListObjectsV2Command({ Bucket: "bucket" }))).KeyCount, 0);
    const put = new PutObjectCommand({ Bucket: "bucket", Key: "nothing/config", Body: "new" });
    assert.equal((await s3.send(put)).$metadata.httpStatusCode, 200);
  });
});

for (const [name, call] of Object.entries(calls)) {
  suite(name, () => {
    test("accepts a credential until the last moment of its real lifetime", async (t) => {
      const { aws, url } = await openAws(t, () => EXPIRATION - 1, issued);
      await call(url, issued);
      assert.deepEqual(aws.report().rejected, {});
      assert.equal(aws.report().accepted, 1);
    });

    for (const { what, with: given, at, as } of rejected) {
      test(`rejects a credential ${what}`, async (t) => {
        const { aws, url } = await openAws(t, () => at, issued);
        await assert.rejects(call(url, given));
        assert.deepEqual(aws.report().rejected, { [as]: 1 });
        assert.equal(aws.report().accepted, 0);
      });
    }
  });
}

test("says ExpiredToken as STS and S3 do", async (t) => {
  const { url } = await openAws(t, () => EXPIRATION, issued);
  const statusOf = (status: number) => (error: { name: string; $metadata: { httpStatusCode: number } }) =>
    error.name === "ExpiredToken" && error.$metadata.httpStatusCode === status;
  await assert.rejects(calls["STS GetCallerIdentity"](url, issued), statusOf(403));
  await assert.rejects(calls["S3 GetObject"](url, issued), statusOf(400));
});

test("rejects a request that is not signed", async (t) => {
  const { aws, url } = await openAws(t, () => ISSUED_AT, issued);
  assert.equal((await get(`${url}/bucket/key`)).status, 403);
  assert.deepEqual(aws.report().rejected, { unsigned: 1 });
});

test("reports the longest gap, and the first request accepted after a moment", async (t) => {
  let now = ISSUED_AT;
  const { aws, url } = await openAws(t, () => now, issued);
  for (const at of [0, 1_000, 61_000, 62_000]) {
    now = ISSUED_AT + at;
    await calls["STS GetCallerIdentity"](url, issued);
  }
  const { longestGapMs, acceptedAgainAt, keys } = aws.report(ISSUED_AT + 30_000);
  assert.deepEqual(
    { longestGapMs, acceptedAgainAt, keys },
    { longestGapMs: 60_000, acceptedAgainAt: ISSUED_AT + 61_000, keys: 1 },
  );
});

test("tells a client's clock by its first signed request, for an SDK corrects its own by what AWS answers", async (t) => {
  let now = ISSUED_AT;
  const { aws, url } = await openAws(t, () => now, issued);
  await assert.rejects(calls["S3 GetObject"](url, { ...issued, sessionToken: "fake" }));
  const { clockOffsetMs } = aws.report();
  now += 3_600_000;
  await assert.rejects(calls["S3 GetObject"](url, { ...issued, sessionToken: "fake" }));
  assert.equal(aws.report().clockOffsetMs, clockOffsetMs);
});
