import assert from "node:assert/strict";
import { test } from "node:test";
import { expirationOf, parseTime } from "../../src/upstream/expiration.ts";

const MOMENT = Date.UTC(2026, 10, 26, 12, 34, 56);

for (const [text, ms] of [
  ["2026-11-26T12:34:56Z", 0],
  ["2026-11-26T12:34:56", 0],
  ["2026-11-26 12:34:56", 0],
  ["2026-11-26T12:34:56.5Z", 500],
  ["2026-11-26T12:34:56.123456789Z", 123],
  ["2026-11-26T12:34:56,9", 900],
  ["2026-11-26T12:34:56+00:00", 0],
  ["2026-11-26T14:34:56+02:00", 0],
  ["2026-11-26T07:34:56-0500", 0],
  ["2026-11-26T18:04:56.25+05:30", 250],
  ["2026-11-26T12:34:56UTC", 0],
  ["2026-11-26T14:34:56+02", 0],
  ["2026-11-26 12:34:56 UTC", 0],
  ["2026-11-26 07:34:56 -05:00", 0],
  ["2026-11-26t12:34:56z", 0],
] as const) {
  test(`${text} is read as the same moment in every time zone`, () => {
    assert.equal(parseTime(text), MOMENT + ms);
  });
}

for (const text of [
  "",
  "soon",
  "2026-11-26",
  "2026-02-30T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-11-26T25:00:00Z",
  "2026-11-26T12:34:56+99:00",
  "2026-11-26T12:34:56+00:60",
  "2026-11-26T12:34:56 EST",
  "4070908800",
  "Thu, 26 Nov 2026 12:34:56 GMT",
]) {
  test(`${JSON.stringify(text)} is no time`, () => {
    assert.equal(parseTime(text), undefined);
    assert.ok(Number.isNaN(expirationOf(text)?.getTime()));
  });
}

test("an expiration that is not stated is told from one that cannot be read", () => {
  assert.deepEqual([expirationOf(undefined), expirationOf(null)], [undefined, undefined]);
  assert.ok(Number.isNaN(expirationOf(4_070_908_800)?.getTime()));
});
