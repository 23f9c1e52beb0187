/** The IMDS protocol as it goes over the wire. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, SECOND } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { get } from "../support/served.ts";
import { type Given, holdsSecret, openSession, serveCredentials } from "../support/served-credentials.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const TTL = "X-aws-ec2-metadata-token-ttl-seconds";
const TOKEN = "X-aws-ec2-metadata-token";
const SESSION = "/latest/api/token";
const ROLES = "/latest/meta-data/iam/security-credentials";

const ROLE = "arn:aws:iam::123456789012:role/team/app";
const cached = fakeCredentials(EPOCH + HOUR, { roleArn: ROLE, accountId: "123456789012" });
const given: Given = { credentials: { default: cached }, env: { AWS_REGION: "eu-west-1" } };

/** Every path of IMDS but that of the session, and what a session is told there. */
const known: readonly (readonly [path: string, text: RegExp])[] = [
  [ROLES, /^app$/],
  [`${ROLES}/`, /^app$/],
  [`/${ROLES}/`, /^app$/],
  [`${ROLES}/app`, /"Code":"Success"/],
  [`${ROLES}//app`, /"Code":"Success"/],
  [`/${ROLES}/app`, /"Code":"Success"/],
  ["/latest/meta-data/iam/info", /"InstanceProfileArn":"arn:aws:iam::123456789012:instance-profile\/app"/],
  ["/latest/meta-data/iam/info/", /"InstanceProfileArn"/],
  ["/latest/meta-data/placement/region", /^eu-west-1$/],
  ["/latest/meta-data/placement/region/", /^eu-west-1$/],
  ["/latest/dynamic/instance-identity/document", /^{"region":"eu-west-1","accountId":"123456789012"}$/],
];
const unknown = ["/", "/latest/meta-data/placement/availability-zone", `${ROLES}/nobody`];
const paths = [...known.map(([path]) => path), ...unknown];

test("opens a session and echoes how long it lasts", async (t) => {
  const { url } = await serveCredentials(t, given);
  for (const ttl of ["1", "60", "21600"]) {
    const { status, headers, text } = await get(`${url}${SESSION}`, { method: "PUT", headers: { [TTL]: ttl } });
    assert.deepEqual([status, headers[TTL.toLowerCase()], headers["content-type"]], [200, ttl, "text/plain"]);
    assert.match(text, /^[\w-]{20,}$/);
  }
});

for (const ttl of [undefined, "", "0", "21601", "-1", "1.5", "0x3c", "soon", "99999999"]) {
  test(`opens no session for the lifetime ${ttl ?? "that nobody named"}`, async (t) => {
    const { url } = await serveCredentials(t, given);
    const headers = ttl === undefined ? {} : { [TTL]: ttl };
    const { status, text } = await get(`${url}${SESSION}`, { method: "PUT", headers });
    assert.deepEqual([status, JSON.parse(text).code], [400, "BadSessionTtl"]);
  });
}

for (const [path, expected] of known) {
  test(`answers GET ${path} in a session`, async (t) => {
    const served = await serveCredentials(t, given);
    const headers = { [TOKEN]: await openSession(served) };
    const answer = await get(`${served.url}${path}`, { headers });
    assert.equal(answer.status, 200);
    assert.match(answer.text, expected);
    assert.equal(answer.headers["content-length"], String(answer.text.length));
    const head = await get(`${served.url}${path}`, { method: "HEAD", headers });
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.equal(head.headers["content-length"], String(answer.text.length));
  });
}

for (const path of unknown) {
  test(`answers GET ${path} with 404 in a session`, async (t) => {
    const served = await serveCredentials(t, given);
    const { status, text } = await get(`${served.url}${path}`, { headers: { [TOKEN]: await openSession(served) } });
    assert.equal(status, 404);
    assert.ok(!holdsSecret(text, served));
  });
}

test("answers with the whole document, and no RoleArn, by which s3fs would take it for another", async (t) => {
  const served = await serveCredentials(t, given);
  const { text, headers } = await get(`${served.url}${ROLES}/app`, {
    headers: { [TOKEN]: await openSession(served) },
  });
  assert.equal(
    text,
    '{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z",' +
      `"AccessKeyId":"${cached.accessKeyId}","SecretAccessKey":"${cached.secretAccessKey}",` +
      `"Token":"${cached.sessionToken}","Expiration":"2026-01-01T00:59:00Z","AccountId":"123456789012"}`,
  );
  assert.deepEqual([headers["content-type"], headers["cache-control"]], ["application/json", "no-store"]);
});

const strangers: readonly (readonly [name: string, headers: Readonly<Record<string, string>>])[] = [
  ["without a session", {}],
  ["with an empty session", { [TOKEN]: "" }],
  ["with a session of its own making", { [TOKEN]: "A".repeat(43) }],
  ["with an auth token instead", { Authorization: "fake-auth-token" }],
];

for (const [name, headers] of strangers) {
  test(`answers every GET ${name} with 401`, async (t) => {
    const served = await serveCredentials(t, given);
    for (const path of paths) {
      const { status, text } = await get(`${served.url}${path}`, { headers });
      const isList = /security-credentials\/?$/.test(path);
      assert.deepEqual(
        [path, status, text && JSON.parse(text).code],
        [path, 401, isList ? "" : "SessionTokenRequired"],
      );
      assert.ok(!holdsSecret(text, served));
    }
  });
}

test("ends a session when its lifetime does", async (t) => {
  const { url, edge } = await serveCredentials(t, given);
  const { text } = await get(`${url}${SESSION}`, { method: "PUT", headers: { [TTL]: "60" } });
  const statusNow = () => get(`${url}${ROLES}/app`, { headers: { [TOKEN]: text } }).then(({ status }) => status);
  await edge.clock.advance(60 * SECOND - 1);
  assert.equal(await statusNow(), 200);
  await edge.clock.advance(1);
  assert.equal(await statusNow(), 401);
});

test("takes no session of another process", async (t) => {
  const before = await serveCredentials(t, given);
  const session = await openSession(before);
  const after = await serveCredentials(t, { ...given, randomBytes: (size) => Buffer.alloc(size, 7) });
  const { status } = await get(`${after.url}${ROLES}/app`, { headers: { [TOKEN]: session } });
  assert.equal(status, 401);
});

test("answers without a session in v1, and with one, but not with a wrong one", async (t) => {
  const served = await serveCredentials(t, { ...given, flags: ["--imds=v1"] });
  for (const [path, expected] of known) {
    const { status, text } = await get(`${served.url}${path}`);
    assert.equal(status, 200);
    assert.match(text, expected);
  }
  const statusWith = (token: string) =>
    get(`${served.url}${ROLES}/app`, { headers: { [TOKEN]: token } }).then(({ status }) => status);
  assert.equal(await statusWith(await openSession(served)), 200);
  assert.equal(await statusWith("A".repeat(43)), 401);
  assert.equal((await get(`${served.url}/`)).status, 404);
});

test("knows no path of IMDS when that is off", async (t) => {
  const served = await serveCredentials(t, { ...given, flags: ["--imds=off"] });
  for (const path of paths) assert.equal((await get(`${served.url}${path}`)).status, 404);
  const { status } = await get(`${served.url}${SESSION}`, { method: "PUT", headers: { [TTL]: "60" } });
  assert.equal(status, 404);
  assert.equal((await get(`${served.url}/v1/credentials`)).status, 200);
});

test("lists the identity where nobody knows the role", async (t) => {
  const served = await serveCredentials(t, { flags: ["--imds=v1"] });
  const { headers, text } = await get(`${served.url}${ROLES}/`);
  assert.deepEqual([headers["content-type"], text], ["text/plain", "default"]);
  assert.equal((await get(`${served.url}${ROLES}/default`)).status, 200);
});

test("says which variable would tell the region", async (t) => {
  const { url } = await serveCredentials(t, { flags: ["--imds=v1"] });
  const { status, text } = await get(`${url}/latest/meta-data/placement/region`);
  assert.equal(status, 404);
  assert.match(text, /AWS_REGION/);
});

test("answers every error on the list of roles without a body, which GDAL would take for the role's name", async (t) => {
  const served = await serveCredentials(t, given);
  const session = { [TOKEN]: await openSession(served) };
  const refused = [
    await get(`${served.url}${ROLES}/`),
    await get(`${served.url}${ROLES}`, { headers: { ...session, "X-Forwarded-For": "10.0.0.1" } }),
    await get(`${served.url}${ROLES}/`, { headers: { ...session, Host: "evil.example" } }),
    await get(`${served.url}${ROLES}/`, { method: "POST", headers: session }),
  ];
  assert.deepEqual(
    refused.map(({ status, text, headers }) => [status, text, headers["content-length"], headers["content-type"]]),
    [401, 400, 403, 405].map((status) => [status, "", "0", undefined]),
  );
});
