import assert from "node:assert/strict";
import { test } from "node:test";
import type { IdentifiedClient } from "../../src/policy/identified-client.ts";
import type { InsideWindow, Storm } from "../../src/telemetry/events.ts";
import { isInsideWindow, StormWatch } from "../../src/telemetry/storms.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { FakeClock } from "../support/fake-clock.ts";

const named: IdentifiedClient = {
  name: "botocore-1",
  windows: { advisorySeconds: 900, mandatorySeconds: 600 },
  advisorySeconds: 900,
};
const likely: IdentifiedClient = { name: "go-v1", windows: undefined, advisorySeconds: 300 };
const event = { identity: "default", protocol: "container", version: undefined } as const;
const unknown: IdentifiedClient = { name: "other", windows: undefined, advisorySeconds: undefined };

function watched(padding = true) {
  const clock = new FakeClock();
  const storms: Storm[] = [];
  const insides: InsideWindow[] = [];
  const watch = new StormWatch({
    padding,
    onStorm: (storm) => storms.push(storm),
    onInsideWindow: (read) => insides.push(read),
  });
  /** Reads one after the other, each told `leftMs`, with `everyMs` between them. */
  const read = async (count: number, { client = named, leftMs = 14 * MINUTE, everyMs = 0 } = {}) => {
    for (let index = 0; index < count; index += 1) {
      const now = clock.now();
      watch.onRead({ ...event, client, now, reportedExpiration: now + leftMs });
      await clock.advance(everyMs);
    }
  };
  return { clock, storms, insides, watch, read, storming: () => watch.storming(clock.now()) };
}

test("calls thirty reads within a minute a storm, and 29 none", async () => {
  const { storms, read, storming } = watched();
  await read(29);
  assert.deepEqual([storms, storming()], [[], []]);
  await read(1);
  assert.deepEqual(storming(), ["botocore-1"]);
  assert.equal(storms.length, 1);
});

test("reports a client inside its window once an hour, however rarely it reads", async () => {
  const { read, insides } = watched();
  await read(1, { leftMs: 16 * MINUTE });
  assert.equal(insides.length, 0);
  await read(1, { leftMs: 14 * MINUTE + 999 });
  assert.deepEqual(insides, [{ client: "botocore-1", reportedLifetimeSeconds: 840, advisorySeconds: 900 }]);
  await read(60, { everyMs: MINUTE });
  assert.equal(insides.length, 1);
  await read(1);
  assert.equal(insides.length, 2);
  await read(1, { client: likely, leftMs: MINUTE });
  assert.equal(insides.at(-1)?.client, "go-v1");
});

test("forgets a storm, and tells of the next, when the clock is set back", async () => {
  const { clock, storms, read, storming } = watched();
  await read(30);
  clock.jump(-24 * HOUR);
  assert.deepEqual(storming(), []);
  await read(30);
  assert.deepEqual([storming(), storms.length], [["botocore-1"], 2]);
});

test("says who storms, how fast, by what lifetime, and what helps", async () => {
  const { storms, read } = watched();
  await read(30, { leftMs: 14 * MINUTE + 999 });
  assert.deepEqual(storms, [
    {
      client: "botocore-1",
      readsPerMinute: 30,
      reportedLifetimeSeconds: 840,
      advisorySeconds: 900,
      remedy: "let upstream issue longer sessions (one hour calms every client)",
    },
  ]);
});

test("advises by the settings: padding, where it is off and would help", async () => {
  const { storms, read } = watched(false);
  await read(30);
  assert.match(storms[0]?.remedy ?? "", /^allow padding \(SIDECAR_PADDING=auto\)/);
});

test("does not call a read every two seconds and a bit a storm", async () => {
  const { storms, read, storming } = watched();
  await read(1_000, { everyMs: 2 * SECOND + 100 });
  assert.deepEqual([storms, storming()], [[], []]);
});

test("begins to count anew after a minute", async () => {
  const { clock, storms, read } = watched();
  await read(29);
  await clock.advance(MINUTE);
  await read(29);
  assert.deepEqual(storms, []);
});

test("begins to count anew when the clock jumps back", async () => {
  const { clock, storms, read } = watched();
  await read(29);
  clock.jump(-HOUR);
  await read(29);
  assert.deepEqual(storms, []);
});

test("counts each client for itself", async () => {
  const { storms, read, storming } = watched();
  for (let index = 0; index < 29; index += 1) {
    await read(1);
    await read(1, { client: likely, leftMs: 4 * MINUTE });
  }
  assert.deepEqual(storms, []);
  await read(1, { client: likely, leftMs: 4 * MINUTE });
  assert.deepEqual(storming(), ["go-v1"]);
});

test("does not count reads outside of the window, nor those that got nothing", async () => {
  const { clock, storms, watch, read } = watched();
  await read(100, { leftMs: 15 * MINUTE + 1 });
  for (let index = 0; index < 100; index += 1) {
    watch.onRead({ ...event, client: named, now: clock.now(), reportedExpiration: undefined });
  }
  assert.deepEqual(storms, []);
});

test("ends a storm a minute after its last read", async () => {
  const { clock, read, storming } = watched();
  await read(30);
  await clock.advance(MINUTE - 1);
  assert.deepEqual(storming(), ["botocore-1"]);
  await clock.advance(1);
  assert.deepEqual(storming(), []);
});

test("tells of a storm when it begins and once an hour, however it rages", async () => {
  const { storms, read } = watched();
  await read(HOUR / SECOND, { everyMs: SECOND });
  assert.equal(storms.length, 1);
  await read(60, { everyMs: SECOND });
  assert.equal(storms.length, 2);
});

test("tells of a storm that comes back within the hour no second time", async () => {
  const { clock, storms, read, storming } = watched();
  await read(30);
  await clock.advance(30 * MINUTE);
  await read(30);
  assert.deepEqual(storming(), ["botocore-1"]);
  assert.equal(storms.length, 1);
});

test("keeps 64 clients, and forgets the one that was quiet the longest", async () => {
  const { read, storming } = watched();
  for (let index = 0; index < 65; index += 1) await read(30, { client: { ...named, name: `client-${index}` } });
  const clients = storming();
  assert.equal(clients.length, 64);
  assert.equal(clients.includes("client-0"), false);
});

const windows: readonly (readonly [client: IdentifiedClient, leftMs: number, inside: boolean])[] = [
  [named, 900 * SECOND, true],
  [named, 900 * SECOND + 1, false],
  [likely, 300 * SECOND, true],
  [likely, 300 * SECOND + 1, false],
  [unknown, 1_200 * SECOND, true],
  [unknown, 1_200 * SECOND + 1, false],
  [{ ...named, advisorySeconds: 0 }, 1, false],
];

for (const [client, leftMs, inside] of windows) {
  test(`takes ${leftMs} ms for ${inside ? "inside" : "outside of"} the window of ${client.advisorySeconds ?? "nobody known"}`, () => {
    assert.equal(isInsideWindow(client, leftMs), inside);
  });
}
