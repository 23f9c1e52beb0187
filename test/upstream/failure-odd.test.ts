import assert from "node:assert/strict";
import { test } from "node:test";
import { classify } from "../../src/upstream/classify.ts";
import { failureKinds, isFinal, UpstreamFailure } from "../../src/upstream/failure.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { CANARY, errorOf, networkError, stsError } from "../support/thrown.ts";

const MALFORMED = "upstream's answer cannot be read";

const circular: { name: string; cause?: unknown } = { name: "Odd" };
circular.cause = { cause: circular };

/** Whatever a provider or a proxy of its own makes can be thrown. */
const odd: readonly (readonly [name: string, thrown: unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["a string", CANARY],
  ["a number", 503],
  ["a symbol", Symbol(CANARY)],
  ["a function", () => CANARY],
  ["an empty object", {}],
  ["an object without a prototype", Object.create(null)],
  ["a message without a prototype", { message: Object.create(null) }],
  ["a message that is a number", { message: 1 }],
  ["metadata that is null", { $metadata: null, $response: null }],
  ["a status that is text", { $metadata: { httpStatusCode: "403" }, statusCode: "403" }],
  ["a code that is a sentence", { code: `${CANARY} is wrong`, name: `${CANARY} ${CANARY}` }],
  ["a code that is too long", { code: CANARY.repeat(100), Code: CANARY.repeat(100) }],
  ["a code with a line break", { code: `Denied\n${CANARY}` }],
  ["capitals in a message", errorOf(`${CANARY} EXAMPLEKEY EVERYTHING UND_ERR_NOTHING`)],
  ["an error without a message", new Error()],
  ["causes without an end", Array.from({ length: 100 }).reduce((cause) => ({ cause }), {})],
];

for (const [name, thrown] of odd) {
  test(`takes ${name} for malformed, and repeats none of it`, () => {
    const failure = classify(thrown, EPOCH);
    assert.deepEqual([failure.kind, failure.message], ["malformed", MALFORMED]);
    assert.equal(failure.upstreamCode, undefined);
  });
}

test("comes to an end with causes that lead back to themselves", () => {
  assert.equal(classify(circular, EPOCH).message, `${MALFORMED} (Odd)`);
});

test("looks at the first five causes, and no further", () => {
  const behind = (depth: number): unknown =>
    depth === 0 ? networkError("ECONNREFUSED") : { cause: behind(depth - 1) };
  assert.equal(classify(behind(4), EPOCH).kind, "unreachable");
  assert.equal(classify(behind(5), EPOCH).kind, "malformed");
});

test("keeps upstream's own code", () => {
  assert.equal(
    classify(stsError("IDPRejectedClaim", 403, "IDPRejectedClaimException"), EPOCH).upstreamCode,
    "IDPRejectedClaim",
  );
});

test("leaves a failure that is classified already as it is", () => {
  const failure = new UpstreamFailure("expired", "over", { upstreamCode: "x" });
  assert.equal(classify(failure, EPOCH), failure);
});

const offsets: readonly (readonly [name: string, headers: object | undefined, offset: number | undefined])[] = [
  ["ahead", { date: "Thu, 01 Jan 2026 00:10:00 GMT" }, 600_000],
  ["behind", { date: "Wed, 31 Dec 2025 23:50:00 GMT" }, -600_000],
  ["equal", { date: "Thu, 01 Jan 2026 00:00:00 GMT" }, 0],
  ["unknown without a date", {}, undefined],
  ["unknown with a date that is none", { date: CANARY }, undefined],
  ["unknown without headers", undefined, undefined],
];

for (const [name, headers, offset] of offsets) {
  test(`finds upstream's clock ${name}`, () => {
    const thrown = Object.assign(stsError("SignatureDoesNotMatch", 403), { $response: { statusCode: 403, headers } });
    assert.equal(classify(thrown, EPOCH).clockOffset, offset);
    assert.equal(classify(new Error("outer", { cause: thrown }), EPOCH).clockOffset, offset);
  });
}

test("denials, wrong clocks, rejections and gaps in the set-up are final, and nothing else is", () => {
  const final = failureKinds.filter((kind) => isFinal(new UpstreamFailure(kind, "x")));
  assert.deepEqual(final, ["denied", "clock", "rejected", "not-configured"]);
  assert.equal(isFinal(undefined), false);
});
