import assert from "node:assert/strict";
import { test } from "node:test";
import { classify } from "../../src/upstream/classify.ts";
import { type FailureKind, failureKinds, type Subject, UpstreamFailure } from "../../src/upstream/failure.ts";
import { classOf } from "../../src/upstream/failure-classes.ts";

/** Codes of STS and of Node, each with a word that its remedy cannot do without. */
const remedies: readonly (readonly [code: string, kind: FailureKind, word: RegExp])[] = [
  ["AccessDenied", "denied", /trust policy.*audience/],
  ["InvalidIdentityToken", "denied", /audience.*OIDC provider.*client IDs/],
  ["ExpiredTokenException", "denied", /AWS_WEB_IDENTITY_TOKEN_FILE.*kubelet/],
  ["ExpiredToken", "denied", /session .* has expired/],
  ["IDPRejectedClaim", "denied", /token has expired or was revoked/],
  ["IDPCommunicationError", "unavailable", /OIDC issuer/],
  ["InvalidClientTokenId", "denied", /does not know the access key/],
  ["UnrecognizedClientException", "denied", /does not know the access key/],
  ["SignatureDoesNotMatch", "denied", /AWS_SECRET_ACCESS_KEY.*clock/],
  ["RequestExpired", "clock", /set the node's clock/],
  ["RegionDisabledException", "denied", /AWS_REGION/],
  ["AssumeRoleUnauthorizedAccess", "denied", /trust policy.*ec2\.amazonaws\.com/],
  ["MalformedPolicyDocument", "rejected", /SIDECAR_SESSION_POLICY/],
  ["PackedPolicyTooLarge", "rejected", /SIDECAR_SESSION_TAGS/],
  ["ENOTFOUND", "unreachable", /DNS does not know/],
  ["EAI_AGAIN", "unreachable", /DNS does not answer/],
  ["ECONNREFUSED", "unreachable", /nothing listens there/],
  ["UND_ERR_ABORTED", "unreachable", /proxy refused/],
  ["SELF_SIGNED_CERT_IN_CHAIN", "unreachable", /NODE_EXTRA_CA_CERTS/],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unreachable", /NODE_EXTRA_CA_CERTS/],
  ["CERT_NOT_YET_VALID", "unreachable", /clock/],
  ["HPE_HEADER_OVERFLOW", "malformed", /headers/],
  ["ENOENT", "not-configured", /is missing/],
  ["EACCES", "not-configured", /fsGroup/],
  ["EIO", "unavailable", /node/],
];

for (const [code, kind, word] of remedies) {
  test(`${code} has a remedy`, () => {
    const failure = classify(Object.assign(new Error("fake"), { code }), 0);
    assert.deepEqual([failure.kind, failure.upstreamCode], [kind, code]);
    assert.match(failure.remedy, word);
  });
}

const subjects: readonly (readonly [kind: FailureKind, code: string | undefined, subject: Subject, words: RegExp])[] = [
  [
    "not-configured",
    "ENOENT",
    { path: "/var/token", variable: "AWS_CA_BUNDLE" },
    /^\/var\/token \(AWS_CA_BUNDLE\) is missing/,
  ],
  ["not-configured", "EACCES", { path: "/var/token" }, /^\/var\/token may not be read/],
  ["not-configured", undefined, { profile: "app" }, /the profile "app"/],
  ["not-configured", undefined, { variable: "AWS_REGION" }, /AWS_REGION/],
  ["unreachable", "ENOTFOUND", { host: "sts.example.com" }, /DNS does not know sts\.example\.com/],
  ["unreachable", "ECONNREFUSED", { host: "10.0.0.1:80" }, /nothing listens at 10\.0\.0\.1:80/],
  ["unreachable", undefined, { host: "10.0.0.1:80" }, /the way to 10\.0\.0\.1:80/],
  [
    "timeout",
    "ERR_ANSWER_TIMEOUT",
    { host: "10.0.0.1:80" },
    /^10\.0\.0\.1:80 took the connection and then gave no answer.*hop limit/,
  ],
  ["timeout", "ETIMEDOUT", { host: "10.0.0.1:80" }, /drops packets to 10\.0\.0\.1:80/],
];

for (const [kind, upstreamCode, subject, words] of subjects) {
  test(`the remedy for ${upstreamCode ?? kind} names ${Object.values(subject).join(" and ")}`, () => {
    assert.match(new UpstreamFailure(kind, "fake", { upstreamCode, subject }).remedy, words);
  });
}

test("Node's error fields say what a failure is about", () => {
  const refused = Object.assign(new Error("fake"), { code: "ECONNREFUSED", address: "::1", port: 8080 });
  assert.match(classify(refused, 0).remedy, /nothing listens at \[::1\]:8080/);
  const unknown = Object.assign(new Error("fake"), { code: "ENOTFOUND", hostname: "sts.example.com" });
  assert.match(classify(unknown, 0).remedy, /sts\.example\.com/);
  const missing = Object.assign(new Error("fake"), { code: "ENOENT", path: "/var/token" });
  assert.match(classify(missing, 0).remedy, /^\/var\/token/);
});

test("a subject that does not look like a path or a host is not shown", () => {
  const odd = Object.assign(new Error("fake"), { code: "ENOTFOUND", hostname: "user:secret@host/?x", path: "a\nb" });
  assert.deepEqual(classify(odd, 0).subject, { path: undefined, host: undefined });
});

for (const kind of failureKinds) {
  test(`a ${kind} failure with an unknown code has the remedy of its class`, () => {
    const { remedy } = new UpstreamFailure(kind, "fake");
    assert.ok(remedy.length > 0 && classOf(kind).example.length > 0);
    for (const upstreamCode of ["NeverHeardOf", "constructor", "toString"])
      assert.equal(new UpstreamFailure(kind, "fake", { upstreamCode }).remedy, remedy);
  });
}
