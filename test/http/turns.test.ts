import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Turns } from "../../src/http/turns.ts";

test("lets eight go on in each turn, in order, and each once however often it was added", async () => {
  const turns = new Turns();
  const went: number[] = [];
  const all = Array.from({ length: 20 }, (_, index) => () => went.push(index));
  for (const goOn of [...all, ...all]) turns.add(goOn);
  assert.deepEqual(went, []);
  const lengths: number[] = [];
  while (went.length < 20) {
    await nextTurn();
    lengths.push(went.length);
  }
  assert.deepEqual(lengths, [8, 16, 20]);
  assert.deepEqual(
    went,
    all.map((_, index) => index),
  );
  await nextTurn();
  assert.equal(went.length, 20);
});
