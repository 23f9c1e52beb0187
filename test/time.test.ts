import assert from "node:assert/strict";
import { test } from "node:test";
import { isRecent } from "../src/time.ts";

const PERIOD = 60_000;
const NOW = 1_800_000_000_000;

for (const { name, at, recent } of [
  { name: "what happens now is recent", at: NOW, recent: true },
  { name: "what is just less than the period ago is recent", at: NOW - PERIOD + 1, recent: true },
  { name: "what is the period ago is not recent", at: NOW - PERIOD, recent: false },
  { name: "what is ahead of a clock that was set back is not recent", at: NOW + 1, recent: false },
  { name: "what never happened is not recent", at: undefined, recent: false },
]) {
  test(name, () => assert.equal(isRecent(at, NOW, PERIOD), recent));
}
