/** The upstream of `conformance/` that behaves as kiam did, and worse. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { FakeUpstream, kiam, oneHour, type UpstreamSettings } from "../../../conformance/harness/fake-upstream.ts";
import type { Incoming } from "../../../conformance/harness/http.ts";
import { Ledger } from "../../../conformance/harness/ledger.ts";
import { MINUTE } from "../../../src/time.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const ROLE = "/latest/meta-data/iam/security-credentials/orders";

function open(settings: Partial<UpstreamSettings>) {
  const ledger = new Ledger();
  const clock = { now: START };
  const upstream = new FakeUpstream({ ...kiam, latencyMs: 0, listLatencyMs: 0, ...settings }, ledger, () => clock.now);
  const ask = (target = ROLE, method = "GET", headers: Incoming["headers"] = {}) =>
    Promise.resolve(upstream.handle({ method, target, headers, body: Buffer.alloc(0) }));
  const read = async (target = ROLE) => {
    const reply = await ask(target);
    return { status: reply?.status, document: reply?.status === 200 ? JSON.parse(String(reply.body)) : undefined };
  };
  return { upstream, ledger, clock, ask, read };
}

test("keeps a session until 5 minutes are left, then gives another", async () => {
  const { clock, read, upstream } = open({});
  const first = (await read()).document;
  assert.equal(first.Expiration, "2026-01-01T00:15:00Z");
  clock.now = START + 10 * MINUTE - 1;
  assert.deepEqual((await read()).document, first);
  clock.now = START + 10 * MINUTE;
  assert.notEqual((await read()).document.AccessKeyId, first.AccessKeyId);
  assert.deepEqual(upstream.report(), { calls: 3, issued: 2 });
});

test("gives a session to each call when it keeps none", async () => {
  const { read } = open({ keepUntilMs: kiam.sessionMs });
  assert.notEqual((await read()).document.AccessKeyId, (await read()).document.AccessKeyId);
});

test("gives the access key ID in a second field to a client that looks for it there, and at a path with two slashes", async () => {
  const twice = ROLE.replace("/orders", "//orders");
  const { document } = await open({ accessKeyIdField: "AccessKeyID" }).read(twice);
  assert.equal(document.AccessKeyID, document.AccessKeyId);
  assert.equal("AccessKeyID" in (await open({}).read(twice)).document, false);
});

test("writes down what it issued, with the real expiration", async () => {
  const { read, ledger } = open({});
  const { AccessKeyId, SecretAccessKey, Token } = (await read("/v1/credentials")).document;
  assert.deepEqual(ledger.find(AccessKeyId), {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: Token,
    expiration: START + 15 * MINUTE,
  });
});

test("a clock that is ahead changes what it says, not how long a session really lives", async () => {
  const { read, ledger } = open({ skewMs: 30_000 });
  const { AccessKeyId, Expiration } = (await read()).document;
  assert.equal(Expiration, "2026-01-01T00:15:30Z");
  assert.equal(ledger.find(AccessKeyId)?.expiration, START + 15 * MINUTE);
});

test("an outage begins and ends by the time since it was set", async () => {
  const { clock, read, upstream } = open({});
  clock.now = START + 5 * MINUTE;
  upstream.set({ outage: { fromMs: MINUTE, toMs: 2 * MINUTE, as: "unavailable" } });
  const statuses: (number | undefined)[] = [];
  for (const minutes of [5.9, 6, 6.9, 7]) {
    clock.now = START + minutes * MINUTE;
    statuses.push((await read()).status);
  }
  assert.deepEqual(statuses, [200, 503, 503, 200]);
  assert.equal(upstream.report().outageEndsAt, START + 7 * MINUTE);
});

const troubles = [
  { does: "denies", status: 403 },
  { does: "unavailable", status: 503 },
  { does: "hangs", status: undefined },
] as const;

for (const { does, status } of troubles) {
  test(`${does} on every path`, async () => {
    const { read } = open({ does });
    assert.deepEqual([(await read()).status, (await read("/v1/credentials")).status], [status, status]);
  });
}

test("holds every request until it is told to answer", async () => {
  const { read, upstream } = open({ does: "holds" });
  const waiting = read();
  upstream.set({ does: "answers" });
  assert.equal((await waiting).status, 200);
});

suite("IMDS", () => {
  const ttl = { "x-aws-ec2-metadata-token-ttl-seconds": "60" };
  const cases = [
    { name: "kiam knows no session tokens", settings: kiam, status: 404, ttl: undefined },
    { name: "another upstream echoes the time to live", settings: oneHour, status: 200, ttl: "60" },
  ];
  for (const { name, settings, status, ttl: echoed } of cases) {
    test(name, async () => {
      const reply = await open(settings).ask("/latest/api/token", "PUT", ttl);
      assert.equal(reply?.status, status);
      assert.equal(reply?.headers?.["X-Aws-Ec2-Metadata-Token-Ttl-Seconds"], echoed);
    });
  }

  test("names the role with and without the last slash, and with a second first one", async () => {
    const { ask } = open({});
    const path = "/latest/meta-data/iam/security-credentials";
    for (const spelling of [path, `${path}/`, `/${path}/`]) assert.equal((await ask(spelling))?.body, "orders");
  });
});
