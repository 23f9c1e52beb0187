/** What requests leave in the log: a line for what somebody should act on, none for each request. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { refusals } from "../../src/refusals.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { EPOCH, FakeClock } from "../support/fake-clock.ts";
import { get } from "../support/served.ts";
import { type Given, holdsSecret, sendBytes, serveCredentials } from "../support/served-credentials.ts";
import { fakeCredentials } from "../support/upstreams.ts";

/** A sidecar that logs everything, and what its lines say beyond the time. */
async function serveLogged(t: TestContext, given: Given = {}) {
  const lines: Record<string, unknown>[] = [];
  let now = () => EPOCH;
  const write = (line: string) => {
    const { time, ...rest } = JSON.parse(line);
    assert.equal(time, new Date(now()).toISOString());
    lines.push(rest);
  };
  const log = createLog("info", { write }, () => now());
  const served = await serveCredentials(t, { ...given, observers: [log] });
  now = served.edge.clock.now;
  return { served, since: () => lines.splice(0) };
}

async function times(count: number, act: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < count; time += 1) await act();
}

const storms = [
  {
    who: "a client that nobody named",
    path: "/v1/credentials",
    client: "no-agent-no-accept",
    reportedLifetimeSeconds: 14 * 60,
    remedy: /^name the client with SIDECAR_CLIENT .*\/v1\/for\/botocore-1\/credentials.*longer sessions/,
  },
  {
    who: "a client that is named, and cannot be calmed",
    path: "/v1/for/java-v2/credentials",
    client: "java-v2",
    reportedLifetimeSeconds: 15 * 60,
    advisorySeconds: 900,
    remedy: /^let upstream issue longer sessions/,
  },
];

for (const { who, path, remedy, ...storm } of storms) {
  test(`warns once of a storm by ${who}, with the remedy`, async (t) => {
    const credentials = { default: fakeCredentials(EPOCH + 15 * MINUTE) };
    const { served, since } = await serveLogged(t, { credentials });
    since();
    await times(100, () => get(`${served.url}${path}`));
    const [first, line, ...more] = since();
    assert.deepEqual([first?.level, first?.code], ["info", "InsideWindow"]);
    const { remedy: reported, msg, ...facts } = line ?? assert.fail("no line");
    assert.deepEqual(facts, { level: "warn", code: "Storm", readsPerMinute: 30, ...storm });
    assert.match(String(reported), remedy);
    assert.match(String(msg), /again and again/);
    assert.deepEqual(more, [], "one line of each kind for a hundred reads");
  });
}

test("warns of a refusal once a minute for each reason, however many there are", async (t) => {
  const { served, since } = await serveLogged(t);
  since();
  const scan = async () => {
    await get(`${served.url}/v1/credentials`, { headers: { Origin: "http://evil.example" } });
    await get(`${served.url}/v1/credentials`, { headers: { Host: "evil.example" } });
  };
  const reasons = () => since().map(({ level, code, reason }) => [level, code, reason]);
  const both = [
    ["warn", "Refused", "browser"],
    ["warn", "Refused", "host"],
  ];
  await times(50, scan);
  assert.deepEqual(reasons(), both);
  await served.edge.clock.advance(MINUTE);
  await times(50, scan);
  assert.deepEqual(reasons(), both);
});

test("warns of a dropped connection once a minute for each listener and reason", () => {
  const lines: Record<string, unknown>[] = [];
  const clock = new FakeClock();
  const log = createLog("info", { write: (line) => lines.push(JSON.parse(line)) }, clock.now);
  const flood = () => {
    for (let count = 0; count < 50; count += 1) {
      log.onDropped?.("admin", "evicted");
      log.onDropped?.("credentials", "evicted");
    }
    return lines.splice(0).map(({ level, code, listener, reason }) => [level, code, listener, reason]);
  };
  const both = [
    ["warn", "ConnectionDropped", "admin", "evicted"],
    ["warn", "ConnectionDropped", "credentials", "evicted"],
  ];
  assert.deepEqual(flood(), both);
  assert.deepEqual(flood(), []);
  clock.jump(MINUTE);
  assert.deepEqual(flood(), both);
});

test("leaves no line for reads, nor a secret in the line for a refresh", async (t) => {
  const credentials = { default: fakeCredentials(EPOCH + HOUR, { accountId: "123456789012" }) };
  const { served, since } = await serveLogged(t, { credentials });
  const loaded = since();
  assert.deepEqual(
    loaded.map(({ code, identity, expiration, accountId }) => [code, identity, expiration, accountId]),
    [["Refreshed", "default", "2026-01-01T01:00:00Z", "123456789012"]],
  );
  assert.ok(!holdsSecret(JSON.stringify(loaded), served));
  await times(50, () => get(`${served.url}/v1/credentials`));
  assert.deepEqual(since(), []);
});

test("warns of a path that does not exist, with the nearest that does", async (t) => {
  const { served, since } = await serveLogged(t);
  since();
  const { status, text } = await get(`${served.url}/v1/credential`);
  assert.equal(status, 404);
  assert.match(JSON.parse(text).message, /did you mean \/v1\/credentials\?/);
  const [line] = since();
  assert.deepEqual([line?.code, line?.reason, line?.nearest], ["Refused", "unknown-path", "/v1/credentials"]);
});

test("serves a document that is too large for the CRT, and warns of it once an hour", async (t) => {
  const sessionToken = `FakeToken${"t".repeat(20_000)}`;
  const credentials = { default: fakeCredentials(EPOCH + HOUR, { sessionToken }) };
  const { served, since } = await serveLogged(t, { credentials });
  since();
  const { status, text } = await get(`${served.url}/v1/credentials`);
  assert.deepEqual([status, JSON.parse(text).Token], [200, sessionToken]);
  await served.edge.clock.advance(MINUTE);
  await get(`${served.url}/v1/for/java-v2/credentials`);
  const [line, ...more] = since();
  assert.deepEqual(
    [line?.level, line?.code, line?.identity, line?.bytes],
    ["warn", "LargeDocument", "default", text.length],
  );
  assert.deepEqual(more, []);
});

const unknown = [
  { path: "/v1/credentials/nobody", imds: "v2", reason: "unknown-identity" },
  { path: "/v1/for/nobody/credentials", imds: "v2", reason: "unknown-client" },
  { path: "/nowhere", imds: "v2", reason: "unknown-path" },
  { path: "/latest/meta-data/iam/security-credentials/", imds: "off", reason: "imds-off" },
  { path: "/latest/meta-data/iam/security-credentials/nobody", imds: "v1", reason: "unknown-role" },
] as const;

for (const { path, imds, reason } of unknown) {
  test(`logs a 404 for ${path} with IMDS ${imds} once a minute, counts each, and shows them in the status`, async (t) => {
    const { served, since } = await serveLogged(t, { flags: [`--imds=${imds}`] });
    since();
    const ask = () => get(`${served.url}${path}`, { headers: { "User-Agent": "curl/8.5.0" } });
    const { status, text } = await ask();
    assert.deepEqual([status, JSON.parse(text).code], [404, refusals[reason].code]);
    await times(20, ask);
    assert.deepEqual(
      since().map((line) => [line.code, line.reason, line.client, line.remedy]),
      [["Refused", reason, "curl", refusals[reason].remedy]],
    );
    assert.deepEqual(
      served.status().refusals.map((one) => [one.reason, one.total]),
      [[reason, 21]],
    );
  });
}

test("names the client, the header and the fault of a refused request, never their values", async (t) => {
  const { served, since } = await serveLogged(t);
  since();
  const headers = { "User-Agent": "aws-sdk-java/1.12.0 fake", "X-Original-Forwarded-For": "10.9.8.7" };
  await get(`${served.url}/v1/credentials`, { headers });
  const repeated =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: a\r\nAuthorization: b\r\nUser-Agent: curl/8\r\n\r\n";
  await sendBytes(served.url, Buffer.from(repeated), { end: true });
  const lines = since();
  assert.deepEqual(
    lines.map(({ reason, client, header, fault }) => [reason, client, header, fault]),
    [
      ["forwarded", "java-v1", "x-original-forwarded-for", undefined],
      ["malformed", "curl", undefined, "repeated-header"],
    ],
  );
  assert.doesNotMatch(JSON.stringify(lines), /10\.9\.8\.7/);
});

test("names the parser's code for bytes that are not HTTP", async (t) => {
  const { served, since } = await serveLogged(t);
  since();
  await sendBytes(served.url, Buffer.from("\x16\x03\x01 hello\r\n\r\n"), { end: true });
  assert.deepEqual(
    since().map(({ reason, fault }) => [reason, fault]),
    [["malformed", "HPE_INVALID_METHOD"]],
  );
});
