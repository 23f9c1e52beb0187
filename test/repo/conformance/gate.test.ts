import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "../../../conformance/harness/gate.ts";

test("lets as many in as it is wide, and the next when one leaves, in order", async () => {
  const gate = new Gate(2);
  const inside: string[] = [];
  const enter = async (name: string) => {
    const leave = await gate.enter();
    inside.push(name);
    return leave;
  };
  const first = await enter("a");
  await enter("b");
  const third = enter("c");
  const fourth = enter("d");
  assert.deepEqual(inside, ["a", "b"]);
  first();
  first();
  const leaveThird = await third;
  assert.deepEqual(inside, ["a", "b", "c"], "leaving twice makes room once");
  leaveThird();
  await fourth;
  assert.deepEqual(inside, ["a", "b", "c", "d"]);
});
