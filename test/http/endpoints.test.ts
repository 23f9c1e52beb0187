/** The container protocol as it goes over the wire. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Credentials } from "../../src/credentials.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { type Got, get } from "../support/served.ts";
import { serveCold } from "../support/served-cold.ts";
import { holdsSecret, openSession, serveCredentials } from "../support/served-credentials.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const ROLE = "arn:aws:iam::123456789012:role/team/app";
const full = fakeCredentials(EPOCH + HOUR, { roleArn: ROLE, accountId: "123456789012" });

const keyIn = ({ text }: Got): unknown => JSON.parse(text).AccessKeyId;
const codeIn = ({ text }: Got): unknown => JSON.parse(text).code;

const documents: readonly { name: string; cached: Credentials; text: string }[] = [
  {
    name: "of a role with an account",
    cached: full,
    text:
      '{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z",' +
      `"RoleArn":"${ROLE}","AccessKeyId":"${full.accessKeyId}","SecretAccessKey":"${full.secretAccessKey}",` +
      `"Token":"${full.sessionToken}","Expiration":"2026-01-01T00:59:00Z","AccountId":"123456789012"}`,
  },
  {
    name: "without a role",
    cached: { ...full, roleArn: undefined, accountId: undefined },
    text:
      '{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z",' +
      `"RoleArn":"arn:aws:iam:::role/default","AccessKeyId":"${full.accessKeyId}",` +
      `"SecretAccessKey":"${full.secretAccessKey}","Token":"${full.sessionToken}",` +
      '"Expiration":"2026-01-01T00:59:00Z"}',
  },
];

for (const { name, cached, text } of documents) {
  test(`answers with the whole document ${name}, and nothing else`, async (t) => {
    const { url } = await serveCredentials(t, { credentials: { default: cached } });
    const answer = await get(`${url}/v1/credentials`);
    assert.deepEqual([answer.status, answer.text], [200, text]);
    const { date, ...headers } = answer.headers;
    assert.ok(typeof date === "string" && !Number.isNaN(Date.parse(date)), "clients mend their clock skew by it");
    assert.deepEqual(headers, {
      "content-type": "application/json",
      "content-length": String(text.length),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      connection: "keep-alive",
      "keep-alive": "timeout=65",
    });
  });
}

test("gives minio-js, which is named, its access key ID where it looks for it, and nobody else", async (t) => {
  const { url } = await serveCredentials(t);
  const paths = ["/v1/for/minio-js/credentials", "/v1/for/minio-go/credentials", "/v1/credentials"];
  const answers = await Promise.all(paths.map(async (path) => JSON.parse((await get(`${url}${path}`)).text)));
  const [named, other, unnamed] = answers;
  assert.equal(named.AccessKeyID, named.AccessKeyId);
  assert.deepEqual({ ...other, AccessKeyID: other.AccessKeyId }, named);
  assert.deepEqual(unnamed, other);
});

test("closes the connection when the client asks for that", async (t) => {
  const { url } = await serveCredentials(t);
  const { status, headers } = await get(`${url}/v1/credentials`, { agent: false });
  assert.deepEqual([status, headers.connection], [200, "close"]);
});

test("answers HEAD with the headers of GET and no body", async (t) => {
  const { url } = await serveCredentials(t);
  const [head, whole] = await Promise.all([
    get(`${url}/v1/credentials`, { method: "HEAD" }),
    get(`${url}/v1/credentials`),
  ]);
  assert.deepEqual([head.status, head.text], [200, ""]);
  assert.deepEqual({ ...head.headers, date: "" }, { ...whole.headers, date: "" });
});

const mistakes: readonly (readonly [method: string, path: string, status: number, code: string, allow?: string])[] = [
  ["GET", "/v1/credentials/nobody", 404, "UnknownIdentity"],
  ["GET", "/v1/for/nobody/credentials", 404, "UnknownClient"],
  ["GET", "/v1/for/botocore-1/credentials/nobody", 404, "UnknownIdentity"],
  ["GET", "/v1/credentials/", 404, "NotFound"],
  ["GET", "/v1/credentials?x", 404, "NotFound"],
  ["GET", "/nowhere", 404, "NotFound"],
  ["POST", "/nowhere", 404, "NotFound"],
  ["PUT", "/v1/credentials", 405, "MethodNotAllowed", "GET, HEAD"],
  ["DELETE", "/v1/credentials/default", 405, "MethodNotAllowed", "GET, HEAD"],
  ["PATCH", "/v1/for/botocore-1/credentials", 405, "MethodNotAllowed", "GET, HEAD"],
  ["OPTIONS", "/v1/for/nobody/credentials", 405, "MethodNotAllowed", "GET, HEAD"],
  ["POST", "/latest/meta-data/iam/security-credentials/default", 405, "MethodNotAllowed", "GET, HEAD"],
  ["GET", "/latest/api/token", 405, "MethodNotAllowed", "PUT"],
];

for (const [method, path, status, code, allow] of mistakes) {
  test(`answers ${method} ${path} with ${status} ${code}`, async (t) => {
    const served = await serveCredentials(t);
    const answer = await get(`${served.url}${path}`, { method });
    const { code: lower, message, Code, Message, ...rest } = JSON.parse(answer.text);
    assert.deepEqual([answer.status, lower, Code, rest], [status, code, code, {}]);
    assert.ok(typeof message === "string" && message === Message);
    const { headers } = answer;
    assert.deepEqual([headers["content-type"], headers.allow], ["application/json", allow]);
    assert.ok(!holdsSecret(answer.text, served));
  });
}

const tokens: readonly (readonly [name: string, authorization: string | undefined, status: number])[] = [
  ["the token", "fake-auth-token", 200],
  ["no token", undefined, 401],
  ["an empty token", "", 401],
  ["a wrong token", "fake-auth-tokeN", 401],
  ["a part of the token", "fake-auth", 401],
  ["the token and more", "fake-auth-token2", 401],
  ["the token as a bearer's", "Bearer fake-auth-token", 401],
];

for (const [name, authorization, status] of tokens) {
  test(`answers ${name} with ${status}`, async (t) => {
    const served = await serveCredentials(t, { flags: ["--auth-token=fake-auth-token"] });
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    for (const path of ["/v1/credentials", "/v1/credentials/default", "/v1/for/botocore-1/credentials"]) {
      const answer = await get(`${served.url}${path}`, { headers });
      assert.equal(answer.status, status);
      assert.equal(holdsSecret(answer.text, served), status === 200);
    }
    const elsewhere = await get(`${served.url}/v1/credentials/nobody`, { headers });
    assert.equal(elsewhere.status, status === 200 ? 404 : 401, "only with the token is one told which names there are");
  });
}

test("speaks no IMDS beside an auth token, unless told to", async (t) => {
  const quiet = await serveCredentials(t, { flags: ["--auth-token=fake-auth-token"] });
  const session = { "X-aws-ec2-metadata-token-ttl-seconds": "60", Authorization: "fake-auth-token" };
  assert.equal((await get(`${quiet.url}/latest/api/token`, { method: "PUT", headers: session })).status, 404);
  const both = await serveCredentials(t, { flags: ["--auth-token=fake-auth-token", "--imds=v2"] });
  const headers = { "X-aws-ec2-metadata-token": await openSession(both) };
  const answer = await get(`${both.url}/latest/meta-data/iam/security-credentials/default`, { headers });
  assert.equal(keyIn(answer), both.credentials.default?.accessKeyId);
});

const two = { default: fakeCredentials(EPOCH + HOUR), reports: fakeCredentials(EPOCH + HOUR) };

test("opens to each identity's token that identity alone", async (t) => {
  const folder = temporaryDirectory(t);
  writeFileSync(join(folder, "default"), "fake-token-of-default\n");
  writeFileSync(join(folder, "reports"), "fake-token-of-reports\n");
  const served = await serveCredentials(t, { credentials: two, flags: [`--auth-token-file=${folder}`] });
  const read = (identity: string, token: string) =>
    get(`${served.url}/v1/credentials/${identity}`, { headers: { Authorization: `fake-token-of-${token}` } });
  assert.equal(keyIn(await read("default", "default")), two.default.accessKeyId);
  assert.equal(keyIn(await read("reports", "reports")), two.reports.accessKeyId);
  for (const [identity, token] of [
    ["default", "reports"],
    ["reports", "default"],
  ] as const) {
    const answer = await read(identity, token);
    assert.deepEqual([answer.status, codeIn(answer)], [403, "OtherIdentity"]);
    assert.ok(!holdsSecret(answer.text, served));
  }
  assert.equal((await read("reports", "nobody")).status, 401);
});

test("opens the default identity to the token of the first profile, for they are one", async (t) => {
  const folder = temporaryDirectory(t);
  writeFileSync(join(folder, "app"), "fake-token-of-app");
  const flags = ["--profiles=app,reports", `--auth-token-file=${folder}`];
  const { url } = await serveCredentials(t, { credentials: two, flags });
  const headers = { Authorization: "fake-token-of-app" };
  assert.equal(keyIn(await get(`${url}/v1/credentials`, { headers })), two.default.accessKeyId);
  assert.equal(keyIn(await get(`${url}/v1/credentials/app`, { headers })), two.default.accessKeyId);
  assert.equal((await get(`${url}/v1/credentials/reports`, { headers })).status, 403);
});

test("serves the first profile as the default and under its own name, and the others under theirs", async (t) => {
  const { url } = await serveCredentials(t, { credentials: two, flags: ["--profiles=app,reports"] });
  const keyOf = (path: string) => get(`${url}${path}`).then(keyIn);
  assert.equal(await keyOf("/v1/credentials"), two.default.accessKeyId);
  assert.equal(await keyOf("/v1/credentials/default"), two.default.accessKeyId);
  assert.equal(await keyOf("/v1/credentials/app"), two.default.accessKeyId);
  assert.equal(await keyOf("/v1/credentials/reports"), two.reports.accessKeyId);
  assert.equal(await keyOf("/v1/for/botocore-1/credentials/reports"), two.reports.accessKeyId);
});

/** Of credentials that really end at 00:15, to clients of which botocore-1 has a mandatory window of 10 min. */
const reports: readonly { flags: readonly string[]; path: string; agent?: string; reported: string }[] = [
  { flags: [], path: "/v1/credentials", reported: "00:14:00" },
  { flags: [], path: "/v1/for/botocore-1/credentials", reported: "00:24:00" },
  { flags: [], path: "/v1/for/boto3/credentials/default", reported: "00:15:00" },
  { flags: ["--padding=off"], path: "/v1/for/botocore-1/credentials", reported: "00:14:00" },
  { flags: ["--client=botocore-1"], path: "/v1/credentials", reported: "00:24:00" },
  { flags: ["--client=botocore-1"], path: "/v1/for/go-v1/credentials", reported: "00:14:00" },
  { flags: [], path: "/v1/credentials", agent: "aws-sdk-java/1.11.546 Linux/6", reported: "00:29:00" },
];

for (const { flags, path, agent = "", reported } of reports) {
  test(`tells ${agent || "a mute client"} ${reported} at ${[path, ...flags].join(" with ")}`, async (t) => {
    const credentials = { default: fakeCredentials(EPOCH + 15 * MINUTE) };
    const { url } = await serveCredentials(t, { credentials, flags });
    const headers = agent === "" ? {} : { "User-Agent": agent };
    const { text } = await get(`${url}${path}`, { headers });
    assert.equal(JSON.parse(text).Expiration, `2026-01-01T${reported}Z`);
  });
}

const ROLES = "/latest/meta-data/iam/security-credentials/";

const patience = [
  { protocol: "container", flags: [], path: "/v1/credentials", ms: 800, agent: "" },
  { protocol: "container", flags: [], path: "/v1/credentials", ms: 1_800, agent: "python-urllib3/2.6.1" },
  { protocol: "container", flags: [], path: "/v1/credentials", ms: 4_000, agent: "aws-sdk-java/1.12.797 Linux/6" },
  { protocol: "container", flags: [], path: "/v1/for/rust/credentials", ms: 4_000, agent: "" },
  { protocol: "IMDS", flags: ["--imds=v1"], path: `${ROLES}default`, ms: 800, agent: "" },
  {
    protocol: "IMDS",
    flags: ["--imds=v1"],
    path: `${ROLES}default`,
    ms: 400,
    agent: "aws-sdk-go-v2/1.41.0 ft/ec2-imds",
  },
  { protocol: "IMDS", flags: ["--imds=v1"], path: ROLES, ms: 800, agent: "Botocore/1.44.5" },
] as const;

for (const { protocol, flags, path, ms, agent } of patience) {
  for (const [afterMs, status] of [
    [ms - 1, 200],
    [ms, 503],
  ] as const) {
    test(`answers ${agent || "a mute client"} at ${path} (${protocol}) with ${status} when upstream takes ${afterMs} ms`, async (t) => {
      const { served, upstream, clock, waiting } = await serveCold(t, flags);
      const answer = get(`${served.url}${path}`, { headers: agent === "" ? {} : { "User-Agent": agent } });
      await waiting;
      await clock.advance(afterMs);
      upstream.answer(fakeCredentials(EPOCH + HOUR));
      const got = await answer;
      assert.equal(got.status, status);
      if (status === 503 && path !== ROLES) assert.equal(codeIn(got), "CredentialsNotReady");
      if (status === 503 && path === ROLES) assert.deepEqual([got.text, got.headers["content-length"]], ["", "0"]);
      await clock.advance(0);
      assert.equal((await get(`${served.url}${path}`)).status, 200, "the flight went on");
      assert.equal(upstream.calls, 1);
    });
  }
}
