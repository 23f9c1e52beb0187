import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFault } from "../../src/process/faults.ts";

const CANARY = "canary-in-a-fault";

function errorNamed(name: string, code: unknown): Error {
  return Object.assign(new Error(CANARY), { name, code });
}

for (const [name, code, shown] of [
  ["TypeError", undefined, { error: "TypeError", errorCode: undefined }],
  ["Error", "ECONNRESET", { error: "Error", errorCode: "ECONNRESET" }],
  [
    "AccessDeniedException",
    "ERR_HTTP_HEADERS_SENT",
    { error: "AccessDeniedException", errorCode: "ERR_HTTP_HEADERS_SENT" },
  ],
  [CANARY, CANARY, { error: "Error", errorCode: undefined }],
  ["Canary5Error", 7, { error: "Error", errorCode: undefined }],
] as const) {
  test(`shows of an error named ${name} with the code ${code} only what cannot be a secret`, () => {
    const { frames, ...fault } = describeFault(errorNamed(name, code));
    assert.deepEqual(fault, shown);
    assert.match(frames[0] ?? "", /faults\.test\.ts/);
    assert.doesNotMatch(JSON.stringify(fault) + frames.join(), new RegExp(CANARY));
  });
}

test("shows only the type of something that is no error", () => {
  assert.deepEqual(describeFault(CANARY), { error: "string", errorCode: undefined, frames: [] });
  assert.deepEqual(describeFault(undefined), { error: "undefined", errorCode: undefined, frames: [] });
});
