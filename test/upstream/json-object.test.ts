import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonObject, MAX_JSON_LENGTH } from "../../src/upstream/json-object.ts";

const padded = (length: number) => `{"a":1}${" ".repeat(length - '{"a":1}'.length)}`;

test("an object as long as the bound is read, and a longer one is not parsed", () => {
  assert.deepEqual(jsonObject(padded(MAX_JSON_LENGTH)), { a: 1 });
  assert.equal(jsonObject(padded(MAX_JSON_LENGTH + 1)), undefined);
});

for (const text of ["", "null", "1", '"text"', "{", "[".repeat(100_000)]) {
  test(`${JSON.stringify(text.slice(0, 8))} is no object`, () => assert.equal(jsonObject(text), undefined));
}
