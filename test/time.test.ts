import assert from "node:assert/strict";
import { test } from "node:test";
import {
  floorToSecond,
  formatDuration,
  formatTime,
  HOUR,
  isRecent,
  MINUTE,
  parseDuration,
  SECOND,
  wholeSeconds,
} from "../src/time.ts";
import { EPOCH } from "./support/fake-clock.ts";

const PERIOD = MINUTE;
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

const times = [
  { time: EPOCH, text: "2026-01-01T00:00:00Z" },
  { time: EPOCH + 999, text: "2026-01-01T00:00:00Z" },
  { time: EPOCH - 1, text: "2025-12-31T23:59:59Z" },
  { time: Date.UTC(2028, 1, 29, 23, 59, 59, 999), text: "2028-02-29T23:59:59Z" },
  { time: Date.UTC(9999, 11, 31, 23, 59, 59), text: "9999-12-31T23:59:59Z" },
];

for (const { time, text } of times) {
  test(`writes ${text} for ${time} ms`, () => {
    assert.equal(formatTime(time), text);
  });
}

const durations = [
  { ms: 0, text: "0s" },
  { ms: 500, text: "500ms" },
  { ms: 60_500, text: "60500ms" },
  { ms: 25 * MINUTE, text: "25m" },
  { ms: 25 * HOUR + MINUTE + SECOND, text: "25h1m1s" },
];

for (const { ms, text } of durations) {
  test(`${ms} ms is written ${text}, and read back`, () => {
    assert.equal(formatDuration(ms), text);
    assert.equal(parseDuration(text), ms);
  });
}

for (const text of ["", "5", "m5", "-5m", "1.5h", " 5m", "5M", "five minutes"]) {
  test(`"${text}" is not a duration`, () => assert.equal(parseDuration(text), undefined));
}

test("seconds are rounded down", () => {
  assert.equal(floorToSecond(EPOCH + 2 * SECOND - 1), EPOCH + SECOND);
  assert.equal(wholeSeconds(2 * SECOND - 1), 1);
});
