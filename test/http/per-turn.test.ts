import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { oncePerTurn } from "../../src/http/per-turn.ts";

test("makes a value once for all who ask in one turn, and anew in the next", async () => {
  let made = 0;
  const value = oncePerTurn(() => {
    made += 1;
    return { made };
  });
  const first = value();
  await Promise.resolve();
  assert.equal(value(), first);
  await nextTurn();
  assert.deepEqual([value().made, value().made, made], [2, 2, 2]);
});

test("makes it anew after a failure too", async () => {
  let asked = 0;
  const value = oncePerTurn(() => {
    asked += 1;
    if (asked === 1) throw new Error("once");
    return asked;
  });
  assert.throws(value, /once/);
  assert.equal(value(), 2);
});
