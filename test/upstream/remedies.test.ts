import assert from "node:assert/strict";
import { test } from "node:test";
import { classify, type FailureKind, failureKinds } from "../../src/upstream/failure.ts";
import { isFailureKind, remedyFor } from "../../src/upstream/remedies.ts";

/** Codes of STS and of Node, each with a word that its cure cannot do without. */
const remedies: readonly (readonly [code: string, kind: FailureKind, word: RegExp])[] = [
  ["AccessDenied", "denied", /trust policy.*audience/],
  ["InvalidIdentityToken", "denied", /audience.*OIDC provider.*client IDs/],
  ["ExpiredTokenException", "denied", /AWS_WEB_IDENTITY_TOKEN_FILE.*kubelet/],
  ["ExpiredToken", "denied", /session .* has ended/],
  ["IDPRejectedClaim", "denied", /token has ended or was revoked/],
  ["IDPCommunicationError", "unavailable", /OIDC issuer/],
  ["InvalidClientTokenId", "denied", /does not know the access key/],
  ["UnrecognizedClientException", "denied", /does not know the access key/],
  ["SignatureDoesNotMatch", "denied", /clock/],
  ["RegionDisabledException", "denied", /AWS_REGION/],
  ["MalformedPolicyDocument", "rejected", /SIDECAR_SESSION_POLICY/],
  ["PackedPolicyTooLarge", "rejected", /SIDECAR_SESSION_TAGS/],
  ["ENOTFOUND", "unreachable", /DNS does not know/],
  ["EAI_AGAIN", "unreachable", /DNS does not answer/],
  ["ECONNREFUSED", "unreachable", /nothing listens there/],
  ["UND_ERR_ABORTED", "unreachable", /proxy refused/],
  ["SELF_SIGNED_CERT_IN_CHAIN", "unreachable", /NODE_EXTRA_CA_CERTS/],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unreachable", /NODE_EXTRA_CA_CERTS/],
  ["ENOENT", "not-configured", /file is missing/],
  ["EACCES", "not-configured", /fsGroup/],
];

for (const [code, kind, word] of remedies) {
  test(`has a cure for ${code} of its own`, () => {
    const failure = classify(Object.assign(new Error("fake"), { code }), 0);
    assert.deepEqual([failure.kind, failure.upstreamCode], [kind, code], "the classifier knows the code");
    assert.match(remedyFor(failure.kind, failure.upstreamCode), word);
    assert.notEqual(remedyFor(kind, code), remedyFor(kind));
  });
}

for (const kind of failureKinds) {
  test(`has the cure of its class for a ${kind} failure whose code nobody knows`, () => {
    assert.ok(isFailureKind(kind));
    for (const code of ["NeverHeardOf", "constructor", "toString"])
      assert.equal(remedyFor(kind, code), remedyFor(kind));
  });
}

test("takes no other word for a class", () => {
  for (const word of ["", "Denied", "constructor"]) assert.equal(isFailureKind(word), false);
});
