/** `POST /refresh` on the admin listener: who may ask, and what the answer says. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import type { Credentials } from "../../src/credentials.ts";
import { Tokens } from "../../src/http/authorization.ts";
import { REFRESH_ANSWER_MS, refreshEndpoint } from "../../src/http/refresh.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { EPOCH, FakeClock } from "../support/fake-clock.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import { get, serveForTest } from "../support/served.ts";
import { fakeCredentials, upstreamOf } from "../support/upstreams.ts";
import { accessKeyIdIn, readOnce } from "../support/whole-sidecar.ts";

type Answers = Readonly<Record<string, (call: number) => Credentials | Promise<Credentials>>>;

/** A sidecar whose upstreams answer by these functions of the call's number. */
async function serve(t: TestContext, answers: Answers, flags: readonly string[] = []) {
  const edge = fakeEdge();
  const upstreams = Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, upstreamOf(answer)]));
  const refused: string[] = [];
  const { promise: asked, resolve: onForced } = Promise.withResolvers<unknown>();
  const observers = [{ onForced, onRefused: (reason: string) => void refused.push(reason) }];
  const served = await serveForTest({ edge, upstreams, flags, observers });
  t.after(() => served.close());
  await edge.clock.advance(0);
  const post = async (path = "/refresh", headers: Record<string, string> = {}) => {
    const { text, ...got } = await get(`${served.adminUrl}${path}`, { method: "POST", headers, agent: false });
    return { ...got, text, body: JSON.parse(text) };
  };
  return { served, edge, clock: edge.clock, upstreams, refused, asked, post };
}

/** An hour at first, and then what ends sooner. */
const shorterEachTime = (call: number) => fakeCredentials(EPOCH + HOUR - call * MINUTE);

suite("POST /refresh", () => {
  test("has every identity refreshed, and answers with when the new sessions end", async (t) => {
    const { served, post } = await serve(t, { default: shorterEachTime, reports: shorterEachTime });
    const before = accessKeyIdIn(await readOnce(served));
    const { status, headers, body } = await post();
    assert.deepEqual([status, headers["content-type"]], [200, "application/json"]);
    assert.deepEqual(body.identities, [
      { identity: "default", result: "refreshed", expiration: "2026-01-01T00:58:00Z" },
      { identity: "reports", result: "refreshed", expiration: "2026-01-01T00:58:00Z" },
    ]);
    assert.notEqual(accessKeyIdIn(await readOnce(served)), before);
  });

  test("refreshes the identity that it names, and no other", async (t) => {
    const { post, upstreams } = await serve(t, { default: shorterEachTime, reports: shorterEachTime });
    const { status, body } = await post("/refresh?identity=reports");
    assert.deepEqual([status, body.identities.length, body.identities[0].identity], [200, 1, "reports"]);
    assert.deepEqual([upstreams.default?.calls, upstreams.reports?.calls], [1, 2]);
  });

  test("says that the refresh failed, why, and keeps what is cached", async (t) => {
    const { served, post } = await serve(t, {
      default: (call) => {
        if (call > 1) throw new UpstreamFailure("denied", "upstream denied it", { upstreamCode: "AccessDenied" });
        return fakeCredentials(EPOCH + HOUR);
      },
    });
    const before = accessKeyIdIn(await readOnce(served));
    const { status, body } = await post();
    const [{ identity, result, code, message, remedy, ...more }] = body.identities;
    assert.deepEqual([status, identity, result, more.class], [502, "default", "failed", "denied"]);
    assert.deepEqual([code, message, typeof remedy], ["AccessDenied", "upstream denied it", "string"]);
    assert.equal(accessKeyIdIn(await readOnce(served)), before);
  });

  test("says that an upstream that caches gave the same session again", async (t) => {
    const cached = fakeCredentials(EPOCH + HOUR);
    const { post } = await serve(t, { default: () => cached });
    const { status, body } = await post();
    assert.deepEqual([status, body.identities], [200, [{ identity: "default", result: "unchanged" }]]);
  });

  test("asks upstream at most once a minute, and says when it may be asked again, never with 429", async (t) => {
    const { post, upstreams, clock } = await serve(t, { default: shorterEachTime });
    assert.equal((await post()).status, 200);
    await clock.advance(10.5 * SECOND);
    const { status, headers, body } = await post();
    assert.deepEqual([status, headers["retry-after"]], [409, "50"]);
    assert.deepEqual(body.identities, [{ identity: "default", result: "too-soon", retryAfterSeconds: 50 }]);
    assert.equal(upstreams.default?.calls, 2);
    await clock.advance(50 * SECOND);
    assert.equal((await post()).status, 200);
  });

  test("answers before an upstream that hangs does, and says so", async (t) => {
    const hangs = new Promise<never>(() => {});
    const { post, clock, upstreams, asked } = await serve(t, {
      default: (call) => (call === 1 ? fakeCredentials(EPOCH + 20 * MINUTE) : hangs),
    });
    Object.assign(upstreams.default ?? {}, { timeoutMs: MINUTE });
    await clock.advance(18 * MINUTE);
    const answer = post();
    await asked;
    await clock.advance(REFRESH_ANSWER_MS);
    const { status, body } = await answer;
    assert.deepEqual([status, body.identities], [202, [{ identity: "default", result: "pending" }]]);
  });

  test("holds no secret", async (t) => {
    const { post } = await serve(t, { default: shorterEachTime });
    assert.doesNotMatch((await post()).text, /ASIAFAKE|fake-secret|fake-token/);
  });
});

const refusals: readonly (readonly [
  who: string,
  path: string,
  headers: Record<string, string>,
  status: number,
  reason: string,
])[] = [
  ["a host that is not this pod", "/refresh", { Host: "sidecar.example" }, 403, "host"],
  ["a pod's own address", "/refresh", { Host: "10.0.0.1:9912" }, 403, "host"],
  ["a proxy", "/refresh", { "X-Forwarded-For": "10.0.0.1" }, 400, "forwarded"],
  ["a page of another site", "/refresh", { Origin: "http://evil.example" }, 403, "browser"],
  ["the status page's own origin", "/refresh", { "Sec-Fetch-Site": "same-origin" }, 403, "browser"],
  ["a body", "/refresh", { "Content-Length": "2" }, 400, "body"],
  ["an identity that is not served", "/refresh?identity=nobody", {}, 404, "unknown-identity"],
  ["another query", "/refresh?all", {}, 404, "unknown-path"],
  ["an encoded name", "/refresh?identity=%64efault", {}, 404, "unknown-path"],
  ["two names", "/refresh?identity=default&identity=default", {}, 404, "unknown-path"],
];

for (const status of ["loopback", "anyone", "off"]) {
  suite(`POST /refresh where SIDECAR_STATUS is ${status}`, () => {
    test("is for this pod", async (t) => {
      const { post } = await serve(t, { default: shorterEachTime }, [`--status=${status}`]);
      assert.equal((await post("/refresh", { Host: "localhost:9912" })).status, 200);
    });

    for (const [who, path, headers, expected, reason] of refusals) {
      test(`refuses ${who} with ${expected}`, async (t) => {
        const { post, upstreams, refused } = await serve(t, { default: shorterEachTime }, [`--status=${status}`]);
        assert.equal((await post(path, headers)).status, expected);
        assert.deepEqual(refused, [reason]);
        assert.equal(upstreams.default?.calls, 1, "upstream is not asked");
      });
    }
  });
}

test("refuses whoever connects from outside this pod, whatever the headers say", async (t) => {
  const { served, upstreams } = await serve(t, { default: shorterEachTime });
  const refused: string[] = [];
  const endpoint = refreshEndpoint({
    caches: new Map(),
    tokens: await Tokens.open({ token: undefined, path: undefined }, new FakeClock(), () => {}),
    clock: new FakeClock(),
    addresses: [{ host: undefined, port: 9912 }],
    observer: { onRefused: (reason) => void refused.push(reason) },
  });
  const rawHeaders = ["Host", new URL(served.adminUrl).host];
  for (const remoteAddress of ["10.0.0.7", "::ffff:10.0.0.7", "169.254.170.2", "fe80::1", undefined]) {
    const request = { socket: { remoteAddress }, method: "POST", url: "/refresh", rawHeaders };
    assert.equal((await endpoint(request as never)).status, 403);
  }
  assert.deepEqual(new Set(refused), new Set(["refresh-peer"]));
  assert.equal(upstreams.default?.calls, 1);
});

test("only POST refreshes, so no link, image or preflight does", async (t) => {
  const { served, upstreams } = await serve(t, { default: shorterEachTime });
  for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
    const { status, headers } = await get(`${served.adminUrl}/refresh`, { method, agent: false });
    assert.deepEqual([status, headers.allow], [405, "POST"], method);
  }
  assert.equal(upstreams.default?.calls, 1);
});

suite("POST /refresh with an auth token", () => {
  const flags = ["--auth-token=fake-auth-token"];

  test("refuses whoever does not send it", async (t) => {
    const { post, upstreams } = await serve(t, { default: shorterEachTime }, flags);
    for (const headers of [{}, { Authorization: "wrong" }] as Record<string, string>[]) {
      assert.equal((await post("/refresh", headers)).status, 401);
    }
    assert.equal(upstreams.default?.calls, 1);
    assert.equal((await post("/refresh", { Authorization: "fake-auth-token" })).status, 200);
  });

  test("of one identity refreshes that one, and never another", async (t) => {
    const folder = temporaryDirectory(t);
    for (const name of ["default", "reports"]) writeFileSync(join(folder, name), `fake-token-of-${name}`);
    const own = [`--auth-token-file=${folder}`];
    const { post, upstreams, refused } = await serve(t, { default: shorterEachTime, reports: shorterEachTime }, own);
    const headers = { Authorization: "fake-token-of-reports" };
    assert.equal((await post("/refresh?identity=default", headers)).status, 403);
    assert.deepEqual(refused, ["identity"]);
    const unknown = await post("/refresh?identity=nobody", headers);
    assert.match(unknown.text, /served: reports"/);
    const { status, body } = await post("/refresh", headers);
    assert.deepEqual([status, body.identities.length, body.identities[0].identity], [200, 1, "reports"]);
    assert.deepEqual([upstreams.default?.calls, upstreams.reports?.calls], [1, 2]);
  });
});

test("SIGHUP and requests share the minute, and metric, log and status tell of both", async (t) => {
  const { served, post, clock, upstreams } = await serve(t, { default: shorterEachTime });
  served.refreshNow();
  await clock.advance(0);
  assert.equal(upstreams.default?.calls, 2);
  assert.equal((await post()).status, 409);
  const { text } = await get(`${served.adminUrl}/metrics`);
  assert.match(text, /^credential_sidecar_forced_refreshes_total\{identity="default",result="accepted"\} 1$/m);
  assert.match(text, /^credential_sidecar_forced_refreshes_total\{identity="default",result="too-soon"\} 1$/m);
  const { identities } = JSON.parse((await get(`${served.adminUrl}/status`)).text);
  const forced = identities[0].calls.map((call: { forced?: true }) => call.forced);
  assert.deepEqual(forced, [true, undefined]);
  assert.match((await get(`${served.adminUrl}/`)).text, /on request/);
});
