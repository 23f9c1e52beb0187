/** The metrics as Prometheus scrapes them, and what moves them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Storm } from "../../src/telemetry/events.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { version } from "../../src/version.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import { get, type Served, serveForTest } from "../support/served.ts";
import { serveCold } from "../support/served-cold.ts";
import { holdsSecret, openSession, sendBytes, serveCredentials } from "../support/served-credentials.ts";
import { fakeCredentials, upstreamOf } from "../support/upstreams.ts";

async function metricsOf({ adminUrl }: Served): Promise<ReadonlyMap<string, number>> {
  const { text } = await get(`${adminUrl}/metrics`);
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

const metrics: readonly (readonly [name: string, type: string])[] = [
  ["credential_sidecar_reads_total", "counter"],
  ["credential_sidecar_reads_inside_window_total", "counter"],
  ["credential_sidecar_flights_coalesced_total", "counter"],
  ["credential_sidecar_refreshes_total", "counter"],
  ["credential_sidecar_forced_refreshes_total", "counter"],
  ["credential_sidecar_credentials_from_state", "gauge"],
  ["credential_sidecar_state_writes_total", "counter"],
  ["credential_sidecar_consecutive_refresh_failures", "gauge"],
  ["credential_sidecar_refused_requests_total", "counter"],
  ["credential_sidecar_connections_dropped_total", "counter"],
  ["credential_sidecar_unhandled_rejections_total", "counter"],
  ["credential_sidecar_log_lines_lost_total", "counter"],
  ["credential_sidecar_upstream_duration_seconds", "histogram"],
  ["credential_sidecar_credentials_expiration_timestamp_seconds", "gauge"],
  ["credential_sidecar_reported_expiration_timestamp_seconds", "gauge"],
  ["credential_sidecar_credentials_obtained_timestamp_seconds", "gauge"],
  ["credential_sidecar_next_refresh_timestamp_seconds", "gauge"],
  ["credential_sidecar_sts_region_info", "gauge"],
  ["credential_sidecar_storming", "gauge"],
  ["credential_sidecar_build_info", "gauge"],
  // The name that every Prometheus client library gives it.
  ["process_resident_memory_bytes", "gauge"],
];

test("exports these metrics, each with its type and a help, and no other", async (t) => {
  const served = await serveCredentials(t);
  const { headers, text } = await get(`${served.adminUrl}/metrics`);
  assert.match(String(headers["content-type"]), /^text\/plain; version=0\.0\.4/);
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]);
  assert.deepEqual(types.sort(), [...metrics].sort());
  const helps = [...text.matchAll(/^# HELP (\S+) \S.*\.$/gm)].map(([, name]) => name);
  assert.deepEqual(helps.sort(), metrics.map(([name]) => name).sort());
  assert.ok(!holdsSecret(text, served));
});

test("counts no HEAD, which is given no credentials", async (t) => {
  const served = await serveCredentials(t);
  await get(`${served.url}/v1/credentials`, { method: "HEAD" });
  const { clients } = JSON.parse((await get(`${served.adminUrl}/status`)).text);
  const counted = [...(await metricsOf(served)).keys()].filter((name) => name.includes("reads_total"));
  assert.deepEqual([clients, counted], [[], []]);
});

test("shows what is held, and until when, in seconds", async (t) => {
  const found = await metricsOf(await serveCredentials(t));
  const epoch = EPOCH / 1_000;
  const gauges = ["credentials_expiration", "reported_expiration", "credentials_obtained", "next_refresh"];
  const values = gauges.map((name) => found.get(`credential_sidecar_${name}_timestamp_seconds{identity="default"}`));
  assert.deepEqual(values, [epoch + 3_600, epoch + 3_540, epoch, epoch + 810]);
  assert.equal(found.get(`credential_sidecar_build_info{version="${version}",node_version="v0.0.0"}`), 1);
});

test("shows no expiration any more once static keys have replaced a session", async (t) => {
  const edge = fakeEdge();
  const upstream = upstreamOf((call) => (call === 1 ? fakeCredentials(EPOCH + HOUR) : fakeCredentials(undefined)));
  const served = await serveForTest({ edge, upstreams: { default: upstream } });
  t.after(() => served.close());
  const name = 'credential_sidecar_credentials_expiration_timestamp_seconds{identity="default"}';
  await edge.clock.advance(0);
  assert.equal((await metricsOf(served)).get(name), EPOCH / SECOND + 3_600);
  await edge.clock.advance(30 * MINUTE);
  assert.equal((await metricsOf(served)).has(name), false);
});

/** What each counter grew by. */
async function grown(served: Served, act: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
  const before = await metricsOf(served);
  await act();
  const after = await metricsOf(served);
  const growths = [...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
  const counted = growths.filter(([name, by]) => by !== 0 && /_total\b/.test(name));
  return Object.fromEntries(counted.map(([name, by]) => [name.replace("credential_sidecar_", ""), by]));
}

const reads: readonly { name: string; lifetime: number; path: string; agent?: string; grows: object }[] = [
  {
    name: "of a client that says nothing",
    lifetime: HOUR,
    path: "/v1/credentials",
    grows: { 'reads_total{client="no-agent-no-accept",protocol="container",result="served"}': 1 },
  },
  {
    name: "of a client that says who it is",
    lifetime: HOUR,
    path: "/v1/credentials",
    agent: "aws-sdk-java/1.11.546 Linux/6",
    grows: { 'reads_total{client="java-v1.11",protocol="container",result="served"}': 1 },
  },
  {
    name: "of a client that the path names",
    lifetime: HOUR,
    path: "/v1/for/boto3/credentials",
    grows: { 'reads_total{client="botocore",protocol="container",result="served"}': 1 },
  },
  {
    name: "over IMDS",
    lifetime: HOUR,
    path: "/latest/meta-data/iam/security-credentials/default",
    agent: "aws-sdk-rust/1.3.3",
    grows: { 'reads_total{client="rust",protocol="imds",result="served"}': 1 },
  },
  {
    name: "told less than anybody asks for",
    lifetime: 15 * MINUTE,
    path: "/v1/credentials",
    agent: "curl/8",
    grows: {
      'reads_total{client="curl",protocol="container",result="served"}': 1,
      'reads_inside_window_total{client="curl"}': 1,
    },
  },
  {
    name: "given less than its advisory window, but more than its mandatory window",
    lifetime: 15 * MINUTE,
    path: "/v1/for/go-v1/credentials",
    grows: { 'reads_total{client="go-v1",protocol="container",result="served"}': 1 },
  },
];

for (const { name, lifetime, path, agent, grows } of reads) {
  test(`counts a read ${name}`, async (t) => {
    const credentials = { default: fakeCredentials(EPOCH + lifetime) };
    const served = await serveCredentials(t, { credentials, flags: ["--imds=v1"] });
    const headers = agent === undefined ? {} : { "User-Agent": agent };
    assert.deepEqual(await grown(served, () => get(`${served.url}${path}`, { headers })), grows);
  });
}

const FAILURES = 'credential_sidecar_consecutive_refresh_failures{identity="default"}';

test("counts a read that waits in vain, and how each refresh ends", async (t) => {
  const { served, upstream, clock, waiting } = await serveCold(t);
  const inVain = await grown(served, async () => {
    const answer = get(`${served.url}/v1/credentials`);
    await waiting;
    await clock.advance(800);
    assert.equal((await answer).status, 503);
  });
  assert.deepEqual(inVain, {
    'flights_coalesced_total{identity="default"}': 1,
    'reads_total{client="no-agent-no-accept",protocol="container",result="unavailable"}': 1,
  });
  const ends = async (end: () => void) => {
    const grows = await grown(served, async () => {
      end();
      await clock.advance(0);
    });
    return Object.keys(grows);
  };
  const denied = await ends(() => upstream.fail(new UpstreamFailure("denied", "simulated")));
  assert.deepEqual(denied, ['refreshes_total{identity="default",result="denied"}']);
  while (upstream.calls < 2) await clock.advance(SECOND);
  const inARow = async () => (await metricsOf(served)).get(FAILURES);
  assert.equal(await inARow(), 1);
  const refreshed = await ends(() => upstream.answer(fakeCredentials(clock.now() + HOUR)));
  assert.deepEqual(refreshed, ['refreshes_total{identity="default",result="refreshed"}']);
  assert.equal(await inARow(), 0);
});

const refusals: readonly (readonly [
  reason: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  string?,
])[] = [
  ["forwarded", "/v1/credentials", { Via: "x" }],
  ["browser", "/v1/credentials", { Origin: "null" }],
  ["host", "/v1/credentials", { Host: "evil.example" }],
  ["target", "*", {}, "OPTIONS"],
  ["body", "/v1/credentials", { "Content-Length": "5" }, "TRACE"],
  ["method", "/v1/credentials", { Authorization: "fake-auth-token" }, "DELETE"],
  ["token", "/v1/credentials", { Authorization: "fake-wrong-token" }],
  ["session-token", "/latest/meta-data/iam/security-credentials/", {}],
];

for (const [reason, path, headers, method = "GET"] of refusals) {
  test(`counts a refusal for its ${reason}, once`, async (t) => {
    const served = await serveCredentials(t, { flags: ["--auth-token=fake-auth-token", "--imds=v2"] });
    const lines = Object.entries({ Host: "127.0.0.1", Connection: "close", ...headers });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const bytes = Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n${reason === "body" ? "hello" : ""}`);
    const grows = await grown(served, () => sendBytes(served.url, bytes));
    assert.deepEqual(grows, { [`refused_requests_total{reason="${reason}"}`]: 1 });
  });
}

const unreadable = [
  ["bytes that are no request", Buffer.from("\x16\x03\x01\x02")],
  ["a flood of them", Buffer.alloc(1_000_000, 22)],
  ["headers beyond 8 KiB", Buffer.from(`GET / HTTP/1.1\r\nX: ${"a".repeat(200_000)}\r\n\r\n`)],
] as const;

for (const [name, bytes] of unreadable) {
  test(`counts ${name} as malformed, once`, async (t) => {
    const served = await serveCredentials(t);
    const grows = await grown(served, () => sendBytes(served.url, bytes));
    assert.deepEqual(grows, { 'refused_requests_total{reason="malformed"}': 1 });
  });
}

test("counts no IMDS session and no fact as a read", async (t) => {
  const served = await serveCredentials(t, { env: { AWS_REGION: "eu-west-1" } });
  const grows = await grown(served, async () => {
    const headers = { "X-aws-ec2-metadata-token": await openSession(served) };
    await get(`${served.url}/latest/meta-data/placement/region`, { headers });
    await get(`${served.url}/latest/meta-data/iam/security-credentials/`, { headers });
  });
  assert.deepEqual(grows, {});
});

test("tells of a storm once, with what ends it, and shows it for a minute", async (t) => {
  const storms: Storm[] = [];
  const observers = [{ onStorm: (storm: Storm) => void storms.push(storm) }];
  const credentials = { default: fakeCredentials(EPOCH + 15 * MINUTE) };
  const served = await serveCredentials(t, { credentials, observers });
  const read = async (times: number) => {
    for (let time = 0; time < times; time += 1) await get(`${served.url}/v1/credentials`);
  };
  const storming = async () => JSON.parse((await get(`${served.adminUrl}/status`)).text).storming;
  await read(29);
  assert.deepEqual([storms, await storming()], [[], []]);
  await read(31);
  assert.equal(storms.length, 1);
  const { remedy, ...storm } = storms[0] ?? assert.fail("no storm");
  const { client } = storm;
  assert.deepEqual(storm, { client, readsPerMinute: 30, reportedLifetimeSeconds: 14 * 60, advisorySeconds: undefined });
  assert.equal(client, "no-agent-no-accept");
  assert.match(remedy, /SIDECAR_CLIENT/);
  assert.deepEqual(await storming(), ["no-agent-no-accept"]);
  const gauge = 'credential_sidecar_storming{client="no-agent-no-accept"}';
  assert.equal((await metricsOf(served)).get(gauge), 1);
  await served.edge.clock.advance(MINUTE);
  assert.deepEqual([await storming(), (await metricsOf(served)).get(gauge)], [[], undefined]);
});
