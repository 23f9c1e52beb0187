/** README's promises that a whole sidecar shows; the others have files of their own. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { HOUR, MINUTE, SECOND } from "../src/time.ts";
import { UpstreamFailure } from "../src/upstream/failure.ts";
import { EPOCH, type FakeClock } from "./support/fake-clock.ts";
import { fakeEdge } from "./support/fake-edge.ts";
import { type Got, get, type Served, serveForTest } from "./support/served.ts";
import { fakeCredentials, GatedUpstream } from "./support/upstreams.ts";

interface Scene {
  readonly served: Served;
  readonly upstream: GatedUpstream;
  readonly clock: FakeClock;
  /** Resolves when so many readers wait for a flight. */
  readonly waiting: (clients: number) => Promise<void>;
}

/** A whole sidecar on a gated upstream and a clock of the test's; closed when the test ends. */
async function scene(flags: readonly string[], play: (scene: Scene) => Promise<void>): Promise<void> {
  const edge = fakeEdge();
  const upstream = new GatedUpstream();
  let count = 0;
  let enough = () => {};
  const onCoalesced = () => {
    count += 1;
    enough();
  };
  const waiting = async (clients: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    enough = () => (count >= clients ? resolve() : undefined);
    enough();
    await promise;
  };
  const served = await serveForTest({ edge, upstreams: { default: upstream }, flags, observers: [{ onCoalesced }] });
  try {
    await play({ served, upstream, clock: edge.clock, waiting });
  } finally {
    await served.close();
  }
}

const read = ({ url }: Served, headers: Record<string, string> = {}) =>
  get(`${url}/v1/credentials`, { headers, agent: false });
const keyIn = ({ text }: Got): unknown => JSON.parse(text).AccessKeyId;

/** Loads one-hour credentials by the first call. */
async function load({ upstream, clock }: Scene) {
  const credentials = fakeCredentials(EPOCH + HOUR);
  upstream.answer(credentials);
  await clock.advance(0);
  return credentials;
}

test("One upstream call for any number of concurrent callers.", () =>
  scene([], async ({ served, upstream, waiting }) => {
    const reads = Array.from({ length: 200 }, () => read(served));
    await waiting(200);
    const credentials = fakeCredentials(EPOCH + HOUR);
    upstream.answer(credentials);
    const answers = await Promise.all(reads);
    assert.deepEqual([...new Set(answers.map(keyIn))], [credentials.accessKeyId]);
    assert.equal(upstream.calls, 1);
  }));

test("A read with credentials in memory never waits for upstream.", () =>
  scene([], async (set) => {
    const credentials = await load(set);
    await set.clock.advance(30 * MINUTE + SECOND);
    assert.equal(set.upstream.calls, 2, "the renewal is in the air");
    assert.equal(keyIn(await read(set.served)), credentials.accessKeyId);
  }));

test("A failed refresh never loses good credentials; an outage is survived for the whole remaining lifetime.", () =>
  scene([], async (set) => {
    const credentials = await load(set);
    const { served, upstream, clock } = set;
    const honestEnd = EPOCH + HOUR - MINUTE;
    let failures = 0;
    while (clock.now() < honestEnd - SECOND) {
      if (upstream.calls > failures + 1) {
        upstream.fail(new UpstreamFailure(failures % 2 === 0 ? "unreachable" : "denied", "simulated"));
        failures += 1;
      }
      await clock.advance(Math.min(20 * SECOND, honestEnd - SECOND - clock.now()));
      const answer = await read(served);
      assert.equal(answer.status, 200);
      assert.equal(keyIn(answer), credentials.accessKeyId);
    }
    assert.ok(failures >= 5, `upstream failed ${failures} times on the way`);
  }));

test("Ready means loaded. The application starts after the credentials and loses them last.", () =>
  scene([], async (set) => {
    const { served, clock } = set;
    const readiness = () => get(`${served.adminUrl}/readyz`).then(({ status }) => status);
    assert.equal(await readiness(), 503);
    await load(set);
    assert.equal(await readiness(), 200);
    assert.equal((await read(served)).status, 200);
    await clock.advance(HOUR);
    assert.equal(await readiness(), 503, "past the honest expiration there is nothing to start with");
    assert.equal((await get(`${served.adminUrl}/livez`)).status, 200, "but a restart would not help");
  }));

test("No request with a browser's or proxy's mark, a wrong host or a wrong token gets credentials.", async () => {
  const folder = await mkdtemp(join(tmpdir(), "promises-"));
  const tokenFile = join(folder, "token");
  await writeFile(tokenFile, "fake-auth-token");
  const good = { Authorization: "fake-auth-token" };
  const bad: readonly (readonly [why: string, headers: Record<string, string>])[] = [
    ["a browser's origin", { ...good, Origin: "http://evil.example" }],
    ["a browser's fetch", { ...good, "Sec-Fetch-Site": "cross-site" }],
    ["a proxy's mark", { ...good, "X-Forwarded-For": "10.0.0.1" }],
    ["another proxy's mark", { ...good, Via: "1.1 proxy" }],
    ["a rebound host", { ...good, Host: "evil.example" }],
    ["no token", {}],
    ["a wrong token", { Authorization: "fake-auth-tokeN" }],
  ];
  await scene([`--auth-token-file=${tokenFile}`], async (set) => {
    const credentials = await load(set);
    assert.equal(keyIn(await read(set.served, good)), credentials.accessKeyId);
    for (const [why, headers] of bad) {
      const { status, text } = await read(set.served, headers);
      assert.ok(status >= 400 && status < 500, `${why}: ${status}`);
      assert.ok(!text.includes(credentials.accessKeyId), why);
    }
  }).finally(() => rm(folder, { recursive: true }));
});
