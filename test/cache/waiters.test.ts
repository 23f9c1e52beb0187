import assert from "node:assert/strict";
import { test } from "node:test";
import { Waiters } from "../../src/cache/waiters.ts";
import { FakeClock } from "../support/fake-clock.ts";

test("a read that waits is released, and nothing of it stays", async () => {
  const clock = new FakeClock();
  const waiters = new Waiters(clock);
  const waiting = [waiters.wait(800), waiters.wait(400)];
  assert.deepEqual([waiters.size, clock.armed], [2, 2]);
  waiters.release();
  await Promise.all(waiting);
  assert.deepEqual([waiters.size, clock.armed], [0, 0]);
});

test("a read waits no longer than its limit, and nothing of it stays", async () => {
  const clock = new FakeClock();
  const waiters = new Waiters(clock);
  let isOver = false;
  void waiters.wait(800).then(() => {
    isOver = true;
  });
  await clock.advance(799);
  assert.deepEqual([isOver, waiters.size], [false, 1]);
  await clock.advance(1);
  assert.deepEqual([isOver, waiters.size, clock.armed], [true, 0, 0]);
});
