/** Every code of Node's resolver, of the transport and of OpenSSL's verification has a class, by their own lists. */
import assert from "node:assert/strict";
import dns from "node:dns";
import { suite, test } from "node:test";
import { classify } from "../../src/upstream/classify.ts";
import { kindOfCode } from "../../src/upstream/failure-classes.ts";
import { retryAfterMs } from "../../src/upstream/retry-after.ts";
import { THROTTLING_ERROR_CODES } from "../../src/upstream/sdk-codes.ts";

const kindOf = (code: string) => kindOfCode(code, { message: "", syscall: "", isClockOff: false });

suite("Node's resolver", () => {
  const codes = Object.values(dns)
    .filter((value) => typeof value === "string")
    .map(String)
    .filter((value) => /^E[A-Z]+$/.test(value));
  test("has codes", () => assert.ok(codes.length > 20));
  for (const code of codes) test(code, () => assert.match(kindOf(code) ?? "", /^(?:unreachable|timeout|unavailable)$/));
});

suite("OpenSSL's verification, as Node names it", () => {
  for (const code of [
    "CERT_CHAIN_TOO_LONG",
    "CERT_HAS_EXPIRED",
    "CERT_NOT_YET_VALID",
    "CERT_REJECTED",
    "CERT_REVOKED",
    "CERT_SIGNATURE_FAILURE",
    "CERT_UNTRUSTED",
    "CRL_HAS_EXPIRED",
    "CRL_NOT_YET_VALID",
    "CRL_SIGNATURE_FAILURE",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERROR_IN_CERT_NOT_AFTER_FIELD",
    "ERROR_IN_CERT_NOT_BEFORE_FIELD",
    "ERROR_IN_CRL_LAST_UPDATE_FIELD",
    "ERROR_IN_CRL_NEXT_UPDATE_FIELD",
    "HOSTNAME_MISMATCH",
    "INVALID_CA",
    "INVALID_PURPOSE",
    "OUT_OF_MEM",
    "PATH_LENGTH_EXCEEDED",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
    "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
    "UNABLE_TO_DECRYPT_CRL_SIGNATURE",
    "UNABLE_TO_GET_CRL",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  ]) {
    test(code, () => assert.equal(kindOf(code), "unreachable"));
  }
});

suite("the SDK's throttling codes", () => {
  for (const code of THROTTLING_ERROR_CODES) {
    test(code, () => {
      const thrown = Object.assign(new Error("fake"), { name: code, $metadata: {} });
      assert.equal(classify(thrown, 0).kind, "throttled");
    });
  }
});

test("a refused connection by a firewall of the node is unreachable, and a file that may not be read is not", () => {
  const denied = (syscall: string) => classify(Object.assign(new Error("fake"), { code: "EACCES", syscall }), 0).kind;
  assert.deepEqual(["connect", "open"].map(denied), ["unreachable", "not-configured"]);
});

for (const [headers, waitMs] of [
  [{ "retry-after": "120" }, 120_000],
  [{ "retry-after": "1.5" }, 1_500],
  [{ "retry-after": "Thu, 01 Jan 1970 00:01:00 GMT" }, 60_000],
  [{ "retry-after": "soon" }, undefined],
  [{ "x-amz-retry-after": "250" }, 250],
  [{}, undefined],
] as const) {
  test(`${JSON.stringify(headers)} asks for ${waitMs === undefined ? "nothing" : `${waitMs} ms`}`, () => {
    assert.equal(retryAfterMs(headers, 0), waitMs);
  });
}
