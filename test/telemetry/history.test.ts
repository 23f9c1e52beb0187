import assert from "node:assert/strict";
import { test } from "node:test";
import type { AttemptEvent } from "../../src/cache/events.ts";
import type { IdentifiedClient } from "../../src/policy/identified-client.ts";
import type { ReadEvent } from "../../src/telemetry/events.ts";
import { History } from "../../src/telemetry/history.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { EPOCH, FakeClock } from "../support/fake-clock.ts";
import { bytesKept } from "../support/heap.ts";
import { cachedState } from "../support/states.ts";

const client: IdentifiedClient = {
  name: "botocore",
  windows: { advisorySeconds: 900, mandatorySeconds: 600 },
  advisorySeconds: 900,
};

function kept() {
  const clock = new FakeClock();
  const history = new History(clock.now);
  const read = (given: Partial<ReadEvent> = {}) => {
    const now = clock.now();
    const event = { identity: "default", protocol: "container", client, version: undefined, now } as const;
    history.onRead({ ...event, reportedExpiration: now + HOUR, ...given });
  };
  const attempt = (outcome: AttemptEvent["outcome"], identity = "default") =>
    history.onAttempt({ identity, outcome, isForced: false, tookMs: 90, nextRefreshAt: clock.now() + MINUTE });
  return { clock, history, read, attempt, clients: () => history.clients.list(clock.now()) };
}

const named = (name: string): IdentifiedClient => ({ ...client, name });

test("counts the reads of each of the last 30 minutes, the oldest first", () => {
  const { clock, read, clients } = kept();
  read();
  clock.jump(28 * MINUTE);
  read();
  read();
  clock.jump(MINUTE);
  read();
  assert.deepEqual(clients()[0]?.readsPerMinute, [1, ...Array(27).fill(0), 2, 1]);
  clock.jump(MINUTE);
  assert.deepEqual(clients()[0]?.readsPerMinute, [...Array(27).fill(0), 2, 1, 0], "the first is too long ago");
  clock.jump(HOUR);
  assert.deepEqual(clients()[0]?.readsPerMinute, Array(30).fill(0));
});

test("goes on counting when the clock is set back over the turn of a minute, and begins anew when farther", () => {
  const { clock, read, clients } = kept();
  read();
  clock.jump(-1);
  read();
  assert.equal(clients()[0]?.readsPerMinute.at(-1), 2);
  clock.jump(-HOUR);
  read();
  assert.deepEqual(clients()[0]?.readsPerMinute, [...Array(29).fill(0), 1]);
});

test("keeps the duration that was asked for first, the one that is allowed, and the last clock of each upstream", () => {
  const { history } = kept();
  history.onSessionDuration("default", { askedSeconds: 43_200, allowedSeconds: 7_200, limit: "role" });
  history.onSessionDuration("default", { askedSeconds: 43_200, allowedSeconds: 14_400, limit: "role" });
  history.onClockOffset("default", 5_000);
  history.onClockOffset("default", 1_000);
  history.onClockOffset("reports", -1_000);
  assert.deepEqual(history.facts.of("default"), {
    sessionDuration: { askedSeconds: 43_200, allowedSeconds: 14_400, limit: "role" },
    clockOffsetMs: 1_000,
  });
  assert.deepEqual(history.facts.of("reports"), { clockOffsetMs: -1_000 });
  assert.deepEqual(history.facts.of("unknown"), {});
});

test("knows what a client got last and when, and whether its last read got anything", () => {
  const { clock, read, clients } = kept();
  read({ version: "1.43.117" });
  clock.jump(MINUTE);
  read({ reportedExpiration: undefined });
  const [client, ...others] = clients();
  assert.deepEqual(client?.reported, { at: EPOCH, expiration: EPOCH + HOUR });
  assert.deepEqual([client.lastReadAt, client.lastReadServed], [EPOCH + MINUTE, false]);
  assert.equal(client.version, "1.43.117", "a request that does not say its version hides none");
  assert.deepEqual(others, []);
});

test("knows a client apart by identity, protocol and name, and lists them by name", () => {
  const { read, clients } = kept();
  read({ client: named("java-v1") });
  read();
  read({ protocol: "imds" });
  read({ identity: "reports" });
  read();
  const rows = clients().map(({ identity, protocol, readsPerMinute, ...client }) => {
    return `${client.client.name} ${protocol} ${identity} ${readsPerMinute.at(-1)}`;
  });
  assert.deepEqual(rows, [
    "botocore container default 2",
    "botocore container reports 1",
    "botocore imds default 1",
    "java-v1 container default 1",
  ]);
});

test("keeps 64 clients of an identity and protocol, and forgets the one that was quiet the longest", () => {
  const { read, clients } = kept();
  read({ client: named("first") });
  for (let index = 0; index < 63; index += 1) read({ client: named(`client-${index}`) });
  read({ client: named("first") });
  read({ client: named("one-more") });
  const names = clients().map((client) => client.client.name);
  assert.equal(names.length, 64);
  assert.deepEqual([names.includes("first"), names.includes("client-0")], [true, false]);
});

test("keeps the last twelve upstream calls of each identity, the latest first", () => {
  const { clock, history, attempt } = kept();
  const { cached = assert.fail() } = cachedState(HOUR);
  attempt({ kind: "refreshed", cached }, "reports");
  for (let call = 0; call < 20; call += 1) {
    clock.jump(MINUTE);
    attempt({ kind: "failed", failure: new UpstreamFailure("timeout", `call ${call}`) });
  }
  const calls = history.calls.of("default");
  assert.equal(calls.length, 12);
  const at = EPOCH + 20 * MINUTE;
  assert.deepEqual(calls[0], { times: 1, firstAt: at, at, tookMs: 90, result: "timeout", message: "call 19" });
  const refreshed = { times: 1, firstAt: EPOCH, at: EPOCH, tookMs: 90, result: "refreshed", message: undefined };
  assert.deepEqual(history.calls.of("reports"), [refreshed]);
  assert.deepEqual(history.calls.of("nobody"), []);
});

test("knows since when each upstream fails, how often and how it began, until it succeeds", () => {
  const { clock, history, attempt } = kept();
  const { cached = assert.fail() } = cachedState(HOUR);
  const fail = (message: string) => attempt({ kind: "failed", failure: new UpstreamFailure("timeout", message) });
  assert.equal(history.outages.of("default"), undefined);
  fail("first");
  clock.jump(MINUTE);
  fail("second");
  attempt({ kind: "refreshed", cached }, "reports");
  assert.deepEqual(history.outages.of("default"), { since: EPOCH, attempts: 2, firstMessage: "first" });
  attempt({ kind: "refreshed", cached });
  assert.equal(history.outages.of("default"), undefined);
  fail("third");
  assert.deepEqual(history.outages.of("default"), { since: EPOCH + MINUTE, attempts: 1, firstMessage: "third" });
});

test("counts refusals by reason, in all and of the last five minutes", () => {
  const { clock, history } = kept();
  history.onRefused("host");
  clock.jump(4 * MINUTE);
  history.onRefused("host");
  history.onRefused("token");
  const list = () => history.refusals.list(clock.now());
  const at = EPOCH + 4 * MINUTE;
  assert.deepEqual(list(), [
    { reason: "host", total: 2, lately: 2, lastAt: at },
    { reason: "token", total: 1, lately: 1, lastAt: at },
  ]);
  clock.jump(MINUTE);
  assert.deepEqual([list()[0]?.total, list()[0]?.lately], [2, 1]);
  clock.jump(HOUR);
  assert.deepEqual([list()[0]?.total, list()[0]?.lately], [2, 0]);
});

test("counts dropped connections by reason, whichever listener had them", () => {
  const { clock, history } = kept();
  history.onDropped("admin", "evicted");
  history.onDropped("credentials", "evicted");
  assert.deepEqual(history.drops.list(clock.now()), [{ reason: "evicted", total: 2, lately: 2, lastAt: EPOCH }]);
  assert.deepEqual(history.refusals.list(clock.now()), []);
});

test("holds less than 128 KB for an identity that every client there may be has read", async () => {
  const fill = () => {
    const { read, history } = kept();
    for (let index = 0; index < 64; index += 1) {
      for (const protocol of ["container", "imds"] as const) read({ protocol, client: named(`client-${index}`) });
    }
    return history;
  };
  fill();
  const before = await bytesKept();
  const filled = Array.from({ length: 10 }, fill);
  const bytes = ((await bytesKept()) - before) / filled.length;
  assert.ok(bytes < 128 * 1_024, `${bytes} bytes`);
});

test("counts failures that say the same as one, so that an outage does not push the last success out", () => {
  const { clock, history, attempt } = kept();
  const { cached = assert.fail() } = cachedState(HOUR);
  attempt({ kind: "refreshed", cached });
  for (let call = 0; call < 40; call += 1) {
    clock.jump(MINUTE);
    attempt({ kind: "failed", failure: new UpstreamFailure("unavailable", "no") });
  }
  const [outage, success, ...more] = history.calls.of("default");
  const expected = { times: 40, firstAt: EPOCH + MINUTE, at: EPOCH + 40 * MINUTE, tookMs: 90 };
  assert.deepEqual(outage, { ...expected, result: "unavailable", message: "no" });
  assert.equal(success?.result, "refreshed");
  assert.deepEqual(more, []);
});
