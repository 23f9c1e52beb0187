import assert from "node:assert/strict";
import { test } from "node:test";
import { shorterDuration } from "../../src/upstream/step-down.ts";

const HOUR_S = 3_600;
const TOO_LONG = new Error("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
const CHAINED = new Error(
  "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
);

const steps: readonly (readonly [fromS: number, toS: number | undefined])[] = [
  [12 * HOUR_S, 11 * HOUR_S],
  [11 * HOUR_S + 1, 11 * HOUR_S],
  [8 * HOUR_S, 7 * HOUR_S],
  [2 * HOUR_S, HOUR_S],
  [HOUR_S + 1, HOUR_S],
  [HOUR_S, undefined],
  [900, undefined],
];

for (const [fromS, toS] of steps) {
  test(`asks for ${toS === undefined ? "nothing shorter" : `${toS} s`} when the role refuses ${fromS} s`, () => {
    assert.equal(shorterDuration(fromS, TOO_LONG), toS);
  });
}

test("goes to an hour at once when a role is chained", () => {
  assert.equal(shorterDuration(12 * HOUR_S, CHAINED), HOUR_S);
  assert.equal(shorterDuration(HOUR_S, CHAINED), undefined);
});

const others: readonly unknown[] = [
  new Error("User is not authorized to perform: sts:AssumeRole"),
  new Error("roles assumed by role chaining"),
  new Error("Value at 'durationSecondsLeft' failed"),
  "The requested DurationSeconds exceeds",
  { message: "DurationSeconds" },
  null,
  undefined,
];

for (const thrown of others) {
  test(`does not step down for ${thrown instanceof Error ? thrown.message : JSON.stringify(thrown)}`, () => {
    assert.equal(shorterDuration(12 * HOUR_S, thrown), undefined);
  });
}
