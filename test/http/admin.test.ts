/** Health and the status as they go over the wire. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { version } from "../../src/version.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { get, type Served } from "../support/served.ts";
import { serveCold } from "../support/served-cold.ts";
import { holdsSecret, serveCredentials } from "../support/served-credentials.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const answerAt = async ({ adminUrl }: Served, path: string) => {
  const { status, text } = await get(`${adminUrl}${path}`);
  return [status, text];
};

test("is alive always, and ready while every identity holds what is not expired", async (t) => {
  const { served, upstream, clock } = await serveCold(t);
  assert.deepEqual(await answerAt(served, "/livez"), [200, "ok\n"]);
  assert.deepEqual(await answerAt(served, "/readyz"), [503, "not ready\n"]);
  upstream.answer(fakeCredentials(EPOCH + HOUR));
  await clock.advance(0);
  assert.deepEqual(await answerAt(served, "/readyz"), [200, "ok\n"]);
  await clock.advance(HOUR);
  assert.deepEqual(await answerAt(served, "/readyz"), [503, "not ready\n"]);
  assert.deepEqual(await answerAt(served, "/livez"), [200, "ok\n"]);
});

test("says why it is not ready", async (t) => {
  const { served, upstream, clock } = await serveCold(t);
  upstream.fail(new UpstreamFailure("denied", "upstream denied it"));
  await clock.advance(0);
  const [status, text] = await answerAt(served, "/readyz?verbose");
  assert.equal(status, 503);
  assert.match(String(text), /^not ready\nnot ready: default loading; upstream denied it; next refresh 2026-01-01T00:/);
});

test("gives the status as JSON and as a page, and no secret in either", async (t) => {
  const credentials = { default: fakeCredentials(EPOCH + HOUR), reports: fakeCredentials(EPOCH + HOUR) };
  const served = await serveCredentials(t, { credentials });
  const { status, headers, text } = await get(`${served.adminUrl}/status`);
  assert.deepEqual([status, headers["content-type"]], [200, "application/json"]);
  const { identities, ...rest } = JSON.parse(text);
  const settings = { minimumLifetimeSeconds: 1_500, marginSeconds: 60, padding: true };
  const nobody = { clients: [], refusals: [], drops: [], storming: [], problems: [] };
  assert.deepEqual(rest, {
    version,
    hostname: "pod-1",
    started: "2026-01-01T00:00:00Z",
    now: "2026-01-01T00:00:00Z",
    ready: true,
    credentialsAt: [new URL(served.url).host],
    settings,
    ...nobody,
  });
  assert.deepEqual(identities[0], {
    identity: "default",
    servedAs: ["default"],
    upstream: "scripted",
    configured: {},
    nextRefresh: "2026-01-01T00:13:30Z",
    state: "cached",
    accessKeyIdEnding: credentials.default.accessKeyId.slice(-4),
    obtained: "2026-01-01T00:00:00Z",
    lifetime: "until",
    expiration: "2026-01-01T01:00:00Z",
    honestExpiration: "2026-01-01T00:59:00Z",
    honestSecondsLeft: 59 * 60,
    calls: [{ times: 1, first: "2026-01-01T00:00:00Z", at: "2026-01-01T00:00:00Z", tookMs: 0, result: "refreshed" }],
  });
  assert.equal(identities[1].identity, "reports");
  const page = await get(`${served.adminUrl}/`);
  assert.deepEqual([page.status, page.headers["content-type"]], [200, "text/html; charset=utf-8"]);
  assert.match(String(page.headers["content-security-policy"]), /default-src 'none'/);
  assert.match(page.text, /reports/);
  const verbose = await get(`${served.adminUrl}/readyz?verbose`);
  assert.match(verbose.text, /^ready\nok: default cached, 3540 s left; next refresh .*\nok: reports cached/);
  for (const shown of [text, page.text, verbose.text]) assert.ok(!holdsSecret(shown, served));
});

const OURS = "127.0.0.1";
const clients: readonly (readonly [who: string, host: string, status: number])[] = [
  ["loopback", OURS, 200],
  ["loopback", "localhost:9912", 200],
  ["loopback", "[::1]:9912", 200],
  ["loopback", "evil.example", 403],
  ["loopback", "127.0.0.1.evil.example", 403],
  ["loopback", "10.0.0.1:9912", 403],
  ["loopback", "[localhost]", 403],
  ["loopback", "[::1", 403],
  ["anyone", OURS, 200],
  ["anyone", "sidecar.example", 200],
  ["off", OURS, 403],
  ["off", "localhost", 403],
];

for (const [who, host, expected] of clients) {
  test(`shows the status for ${who} to Host ${host} with ${expected}`, async (t) => {
    const served = await serveCredentials(t, { flags: [`--status=${who}`] });
    for (const path of ["/", "/status", "/readyz?verbose"]) {
      const { status, text } = await get(`${served.adminUrl}${path}`, { headers: { Host: host } });
      assert.equal(status, expected);
      if (expected === 403) assert.equal(JSON.parse(text).code, "StatusNotReadable");
    }
    for (const path of ["/livez", "/readyz", "/metrics"]) {
      const { status } = await get(`${served.adminUrl}${path}`, { headers: { Host: host } });
      assert.equal(status, 200, `${path} is for the kubelet and Prometheus, under any name`);
    }
  });
}

const senders: readonly (readonly [who: string, headers: Readonly<Record<string, string>>, status: number])[] = [
  [
    "a browser where the address was typed",
    { "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-CH-UA": "x" },
    200,
  ],
  [
    "the page itself",
    { "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", Referer: "http://localhost:9912/" },
    200,
  ],
  ["an old browser", { "Upgrade-Insecure-Requests": "1", Cookie: "a=b", DNT: "1" }, 200],
  ["a link on another site", { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" }, 403],
  ["a page on another port of localhost", { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors" }, 403],
  ["a script of another origin", { Origin: "http://evil.example" }, 403],
  ["a sandboxed script", { Origin: "null" }, 403],
  ["a reverse proxy", { "X-Forwarded-For": "10.0.0.1" }, 403],
  ["a reverse proxy that is named", { Via: "1.1 nginx" }, 403],
  ["a service mesh", { "X-Envoy-External-Address": "10.0.0.1" }, 403],
];

for (const [who, headers, expected] of senders) {
  test(`answers ${who} with ${expected} for the status, and probes and metrics in any case`, async (t) => {
    const { adminUrl } = await serveCredentials(t);
    const statusOf = async (path: string) => (await get(`${adminUrl}${path}`, { headers })).status;
    for (const path of ["/", "/status", "/readyz?verbose"]) assert.equal(await statusOf(path), expected, path);
    for (const path of ["/livez", "/readyz", "/metrics"]) assert.equal(await statusOf(path), 200, path);
  });
}

test("shows the status through a reverse proxy where anyone may read it", async (t) => {
  const { adminUrl } = await serveCredentials(t, { flags: ["--status=anyone"] });
  assert.equal((await get(`${adminUrl}/status`, { headers: { "X-Forwarded-For": "10.0.0.1" } })).status, 200);
});

const everyPath = ["/livez", "/readyz", "/readyz?verbose", "/metrics", "/status", "/"];

test("answers HEAD with the headers alone, and other methods with 405", async (t) => {
  const { adminUrl } = await serveCredentials(t);
  for (const path of everyPath) {
    const head = await get(`${adminUrl}${path}`, { method: "HEAD" });
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.ok(Number(head.headers["content-length"]) > 0);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"]) {
      const { status, headers } = await get(`${adminUrl}${path}`, { method });
      assert.deepEqual([status, headers.allow], [405, "GET, HEAD"]);
    }
  }
});

for (const path of ["/nowhere", "/v1/credentials", "/latest/api/token", "/status/", "/readyz?x", "/metrics?x"]) {
  test(`knows no ${path}`, async (t) => {
    const served = await serveCredentials(t);
    const { status, text } = await get(`${served.adminUrl}${path}`);
    assert.deepEqual([status, JSON.parse(text).code], [404, "NotFound"]);
    assert.ok(!holdsSecret(text, served));
  });
}

test("listens for no administration when that is off", async (t) => {
  const served = await serveCredentials(t, { flags: ["--admin-listen=off"] });
  assert.deepEqual(served.adminAddresses, []);
  assert.equal((await get(`${served.url}/v1/credentials`)).status, 200);
});

test("shows of a User-Agent no more than a known name and a version in digits", async (t) => {
  const served = await serveCredentials(t);
  const agents = ["evil/1.2.3 <img src=x>", "aws-sdk-java/1.11.546<img src=x> evil", "okhttp/5.1.0 evil"];
  for (const agent of agents) await get(`${served.url}/v1/credentials`, { headers: { "User-Agent": agent } });
  const { text } = await get(`${served.adminUrl}/status`);
  const page = await get(`${served.adminUrl}/`);
  const { clients } = JSON.parse(text);
  assert.deepEqual(
    clients.map(({ name, version: of }: { name: string; version?: string }) => [name, of]),
    [
      ["java-v1.11", "1.11.546"],
      ["okhttp", undefined],
      ["other", undefined],
    ],
  );
  for (const shown of [text, page.text]) assert.doesNotMatch(shown, /evil|<img/);
});
