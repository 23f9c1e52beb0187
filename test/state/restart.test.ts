/** A restart of the sidecar with a state file: it serves at once what it served before, and asks nobody. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import type { Credentials } from "../../src/credentials.ts";
import type { StateEvent } from "../../src/telemetry/events.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { settle } from "../support/fake-clock.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import { get, type Served, serveForTest } from "../support/served.ts";
import { fakeCredentials } from "../support/upstreams.ts";
import { accessKeyIdIn, readOnce } from "../support/whole-sidecar.ts";

/** An upstream that issues sessions of an hour while it is up. */
class Upstream1h implements Upstream {
  readonly description = "scripted";
  readonly timeoutMs = 15_000;
  givenFor: string | undefined;
  calls = 0;
  isUp = true;
  readonly #asks: string;
  readonly #issue: () => Credentials;

  constructor(asks: string, issue: () => Credentials) {
    this.#asks = asks;
    this.#issue = issue;
  }

  askedFor = async () => this.#asks;

  async fetch(): Promise<Credentials> {
    this.calls += 1;
    if (!this.isUp) throw new UpstreamFailure("unavailable", "simulated");
    this.givenFor = this.#asks;
    return this.#issue();
  }
}

/** One pod in which sidecars run, one after the other, on one clock and with one volume. */
function pod(t: TestContext) {
  const edge = fakeEdge();
  const path = join(temporaryDirectory(t), "private", "state.json");
  const issue = () => fakeCredentials(edge.clock.now() + HOUR);
  const start = async (asks: Readonly<Record<string, string>> = { default: "role a" }, isUp = true) => {
    const upstreams = Object.fromEntries(Object.entries(asks).map(([name, ask]) => [name, new Upstream1h(ask, issue)]));
    for (const upstream of Object.values(upstreams)) upstream.isUp = isUp;
    const events: StateEvent[] = [];
    let wake = () => {};
    const onState = (event: StateEvent) => {
      events.push(event);
      wake();
    };
    const flags = [`--state-file=${path}`, "--state-medium=any"];
    const served = await serveForTest({ edge, upstreams, flags, observers: [{ onState }] });
    t.after(() => served.close());
    await edge.clock.advance(0);
    /** Resolves when something of this kind has happened since the start, and that often. */
    const heard = async (kind: StateEvent["kind"], times = 1) => {
      while (events.filter((event) => event.kind === kind).length < times) {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    };
    const calls = () => Object.values(upstreams).map((upstream) => upstream.calls);
    return { served, events, heard, calls, upstreams };
  };
  return { edge, clock: edge.clock, path, start };
}

const statusOf = async ({ adminUrl }: Served) => JSON.parse((await get(`${adminUrl}/status`)).text);

suite("A sidecar that restarts with a state file", () => {
  test("is ready at once with what it served before, makes no upstream call, and keeps its schedule", async (t) => {
    const { clock, start } = pod(t);
    const before = await start({ default: "role a", reports: "role b" });
    await before.heard("written");
    const key = accessKeyIdIn(await readOnce(before.served));
    const { identities } = await statusOf(before.served);
    await before.served.close();
    await clock.advance(5 * MINUTE);
    const after = await start({ default: "role a", reports: "role b" }, false);
    assert.equal((await get(`${after.served.adminUrl}/readyz`)).status, 200);
    assert.equal(accessKeyIdIn(await readOnce(after.served)), key);
    await clock.advance(MINUTE);
    assert.deepEqual(after.calls(), [0, 0]);
    const status = await statusOf(after.served);
    for (const [index, { nextRefresh, expiration }] of identities.entries()) {
      assert.deepEqual(
        [status.identities[index].nextRefresh, status.identities[index].expiration],
        [nextRefresh, expiration],
      );
    }
    assert.deepEqual(
      after.events.map(({ kind }) => kind),
      ["restored", "restored"],
    );
  });

  test("says on the status, the page, and by a metric that its credentials are from before, until the next refresh", async (t) => {
    const { clock, start } = pod(t);
    const before = await start();
    await before.heard("written");
    await before.served.close();
    const { served, heard } = await start();
    const [identity] = (await statusOf(served)).identities;
    assert.deepEqual([identity.state, identity.fromState], ["cached", true]);
    assert.match((await get(`${served.adminUrl}/`)).text, /before the sidecar started; read from the state file/);
    const gauge = async () =>
      /^credential_sidecar_credentials_from_state\{identity="default"\} (\d)$/m.exec(
        (await get(`${served.adminUrl}/metrics`)).text,
      )?.[1];
    assert.equal(await gauge(), "1");
    await clock.advance(31 * MINUTE);
    await heard("written");
    assert.equal(await gauge(), "0");
    assert.equal((await statusOf(served)).identities[0].fromState, undefined);
  });

  test("serves through an outage until the honest end, and not a second longer", async (t) => {
    const { clock, start } = pod(t);
    const before = await start();
    await before.heard("written");
    await before.served.close();
    await clock.advance(30 * MINUTE);
    const { served } = await start({ default: "role a" }, false);
    await clock.advance(29 * MINUTE - SECOND);
    assert.equal((await readOnce(served)).status, 200);
    await clock.advance(SECOND);
    assert.notEqual((await get(`${served.adminUrl}/readyz`)).status, 200);
  });

  test("takes nothing that has expired meanwhile", async (t) => {
    const { clock, start } = pod(t);
    const before = await start();
    await before.heard("written");
    await before.served.close();
    await clock.advance(59 * MINUTE);
    const after = await start();
    assert.deepEqual([after.events[0]?.kind, after.calls()], ["ignored", [1]]);
  });

  for (const [what, jumpMs] of [
    ["set back", -30 * MINUTE],
    ["set ahead", 30 * MINUTE],
  ] as const) {
    test(`promises no more than is left when the clock was ${what} while it was away`, async (t) => {
      const { clock, start } = pod(t);
      const before = await start();
      await before.heard("written");
      await before.served.close();
      await clock.advance(10 * MINUTE);
      clock.jump(jumpMs);
      const { served } = await start({ default: "role a" }, false);
      const { Expiration } = JSON.parse((await readOnce(served)).text);
      const leftMs = Date.parse(Expiration) - clock.now();
      assert.equal(leftMs, (jumpMs < 0 ? 49 : 19) * MINUTE, "50 minutes are left of the session, less the margin");
      const nextMs = Date.parse((await statusOf(served)).identities[0].nextRefresh) - clock.now();
      assert.ok(nextMs < 20 * MINUTE, `${nextMs}`);
    });
  }

  test("takes nothing of another set-up, which is told, and serves the new one's", async (t) => {
    const { start } = pod(t);
    const before = await start({ default: "role a", reports: "role b" });
    await before.heard("written");
    const key = accessKeyIdIn(await readOnce(before.served));
    await before.served.close();
    const after = await start({ default: "another role", reports: "role b" });
    const ignored = after.events.filter(({ kind }) => kind === "ignored");
    assert.deepEqual(ignored, [{ kind: "ignored", identity: "default", reason: "has credentials of another set-up" }]);
    assert.deepEqual(after.calls(), [1, 0]);
    assert.notEqual(accessKeyIdIn(await readOnce(after.served)), key);
  });

  test("takes nothing for an identity that is not served any more, and forgets it", async (t) => {
    const { start, path } = pod(t);
    const before = await start({ default: "role a", reports: "role b" });
    await before.heard("written");
    await before.served.close();
    assert.match(readFileSync(path, "utf8"), /"reports"/);
    const after = await start();
    after.served.refreshNow();
    await after.heard("written");
    assert.doesNotMatch(readFileSync(path, "utf8"), /"reports"/);
  });

  for (const [what, content] of [
    ["corrupt", "not a document"],
    ["cut off", '{"version":1,"boot":'],
    ["empty", ""],
    ["of a newer version", '{"version":2,"identities":{}}'],
    ["huge", "x".repeat(5 * 1_048_576)],
  ] as const) {
    test(`starts as without one when the file is ${what}, and replaces it`, async (t) => {
      const { start, path } = pod(t);
      const before = await start();
      await before.heard("written");
      await before.served.close();
      writeFileSync(path, content);
      const after = await start();
      assert.deepEqual([after.events[0]?.kind, after.calls()], ["ignored", [1]]);
      await after.heard("written");
      await after.served.close();
      assert.equal((await start()).events[0]?.kind, "restored");
    });
  }

  test("still wants the forced refresh that failed before the restart", async (t) => {
    const { clock, start, path } = pod(t);
    const before = await start();
    await before.heard("written");
    for (const upstream of Object.values(before.upstreams)) upstream.isUp = false;
    before.served.refreshNow();
    await before.heard("written", 2);
    assert.match(readFileSync(path, "utf8"), /"isForced":true/);
    await before.served.close();
    const after = await start();
    const forced = async () => (await statusOf(after.served)).identities[0].calls[0]?.forced;
    await clock.advance(10 * MINUTE);
    assert.equal(await forced(), true);
  });

  test("keeps no state of credentials whose end is not known", async (t) => {
    const { edge, path } = pod(t);
    const upstream = new Upstream1h("keys", () => fakeCredentials(undefined, { sessionToken: "" }));
    const flags = [`--state-file=${path}`, "--state-medium=any"];
    const served = await serveForTest({ edge, upstreams: { default: upstream }, flags });
    await edge.clock.advance(0);
    await served.close();
    assert.equal(existsSync(path), false);
  });

  test("writes on every change, and only then", async (t) => {
    const { clock, start, path } = pod(t);
    const { heard } = await start();
    await heard("written");
    const inode = statSync(path).ino;
    await clock.advance(10 * MINUTE);
    assert.equal(statSync(path).ino, inode);
    await clock.advance(21 * MINUTE);
    await heard("written", 2);
    assert.notEqual(statSync(path).ino, inode);
  });
});

test("a state file that cannot be kept costs no credentials, and the page says so", async (t) => {
  const edge = fakeEdge();
  const directory = temporaryDirectory(t);
  const path = join(directory, "missing", "private", "state.json");
  const upstream = new Upstream1h("role a", () => fakeCredentials(edge.clock.now() + HOUR));
  const flags = [`--state-file=${path}`, "--state-medium=any"];
  const served = await serveForTest({ edge, upstreams: { default: upstream }, flags });
  t.after(() => served.close());
  await edge.clock.advance(0);
  while ((await statusOf(served)).stateFile.fault === undefined) await settle();
  assert.equal((await readOnce(served)).status, 200);
  const { text } = await get(`${served.adminUrl}/`);
  assert.match(text, /cannot be used \(ENOENT\). A restart of the sidecar loses the cached credentials/);
});
