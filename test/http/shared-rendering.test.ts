import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { sharedRendering } from "../../src/http/shared-rendering.ts";
import { FakeClock } from "../support/fake-clock.ts";

function rendering() {
  const clock = new FakeClock();
  let renderings = 0;
  const value = sharedRendering(() => {
    renderings += 1;
    return renderings;
  }, clock.now);
  return { clock, value };
}

test("renders once for all who ask in one turn, and anew in the next", async () => {
  const { value } = rendering();
  assert.equal(value(), 1);
  await Promise.resolve();
  assert.equal(value(), 1);
  await nextTurn();
  assert.deepEqual([value(), value()], [2, 2]);
});

test("renders ten times in a quarter of a second, and then gives the last", async () => {
  const { clock, value } = rendering();
  const seen: number[] = [];
  for (let turn = 0; turn < 12; turn += 1) {
    seen.push(value());
    await nextTurn();
  }
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]);
  clock.jump(249);
  assert.equal(value(), 10);
  clock.jump(1);
  assert.equal(value(), 11);
});

test("renders anew after a failure", () => {
  let asked = 0;
  const value = sharedRendering(() => {
    asked += 1;
    if (asked === 1) throw new Error("once");
    return asked;
  }, new FakeClock().now);
  assert.throws(value, /once/);
  assert.equal(value(), 2);
});
