import assert from "node:assert/strict";
import { test } from "node:test";
import { classify } from "../../src/upstream/classify.ts";
import type { FailureKind } from "../../src/upstream/failure.ts";
import { defaultUpstream, failsAndKeeps, SAID } from "../support/identities.ts";
import { nockSts, prepareSts, type StsAction, type StsReply, stsActions } from "../support/nock-sts.ts";
import { stsAnswer, stsError, stsSession } from "../support/sts-answers.ts";

interface Case {
  readonly name: string;
  readonly reply: (action: StsAction) => StsReply;
  readonly kind: FailureKind;
}

const answer = (name: string, kind: FailureKind, reply: StsReply): Case => ({ name, kind, reply: () => reply });
const session = (name: string, kind: FailureKind, given: Parameters<typeof stsSession>[0]): Case => ({
  name,
  kind,
  reply: (action) => stsAnswer(action, stsSession(given)),
});
const broken = (code: string) => Object.assign(new Error(`${code} ${SAID}`), { code });

const cases: readonly Case[] = [
  answer("Throttling", "throttled", stsError(400, "Throttling", SAID)),
  answer("a bare 429", "throttled", { status: 429, body: SAID }),
  answer("AccessDenied", "denied", stsError(403, "AccessDenied", SAID)),
  answer("ExpiredTokenException", "denied", stsError(400, "ExpiredTokenException", SAID)),
  answer("InvalidIdentityToken", "denied", stsError(400, "InvalidIdentityToken", SAID)),
  answer("RegionDisabledException", "denied", stsError(403, "RegionDisabledException", SAID)),
  answer("MalformedPolicyDocument", "rejected", stsError(400, "MalformedPolicyDocument", SAID)),
  answer("InternalFailure", "unavailable", stsError(500, "InternalFailure", SAID)),
  answer("a bare 500", "unavailable", { status: 500 }),
  answer("a proxy's page with 503", "unavailable", { status: 503, body: `<html>${SAID}</html>` }),
  answer("a page with 403", "denied", { status: 403, body: `<html>${SAID}</html>` }),
  answer("a redirect", "malformed", { status: 302, headers: { Location: "https://sts.invalid/" }, body: SAID }),
  answer("malformed XML", "malformed", { body: `<AssumeRoleResponse><Canary>${SAID}` }),
  answer("a page with 200", "malformed", { headers: { "Content-Type": "text/html" }, body: `<html>${SAID}</html>` }),
  answer("text with 200", "malformed", { body: SAID }),
  answer("an empty answer", "malformed", {}),
  session("no access key", "malformed", { accessKeyId: "" }),
  session("an access key that is none", "malformed", { accessKeyId: SAID }),
  session("no secret", "malformed", { secretAccessKey: "" }),
  session("a session token with a line break", "malformed", { sessionToken: `fake\n${SAID}` }),
  session("a session token of 70,000 characters", "malformed", { sessionToken: "x".repeat(70_000) }),
  session("no expiration", "malformed", { expiration: undefined }),
  session("an empty expiration", "malformed", { expiration: "" }),
  session("an expiration that is none", "malformed", { expiration: SAID }),
  session("an expiration that is over", "expired", { expiration: "2020-01-01T00:00:00Z" }),
  answer("a connection that is reset", "unreachable", broken("ECONNRESET")),
  answer("a port where nobody listens", "unreachable", broken("ECONNREFUSED")),
  answer("a name that does not resolve", "unreachable", broken("ENOTFOUND")),
  answer("a resolver that is away", "unreachable", broken("EAI_AGAIN")),
  answer("a certificate of somebody else's", "unreachable", broken("SELF_SIGNED_CERT_IN_CHAIN")),
  answer("a connection that is never made", "timeout", broken("UND_ERR_CONNECT_TIMEOUT")),
  answer("headers that never come", "timeout", broken("UND_ERR_HEADERS_TIMEOUT")),
];

for (const action of stsActions) {
  for (const { name, reply, kind } of cases) {
    test(`${name} in answer to ${action} is ${kind}, costs one call, and nothing that is held`, async (t) => {
      const { flags } = prepareSts(t, action);
      const calls = nockSts(t, (_, number) => (number === 1 ? stsAnswer(action, stsSession()) : reply(action)));
      const failure = await failsAndKeeps(defaultUpstream(flags), () => {});
      assert.equal(failure.kind, kind);
      assert.equal(calls.length, 2);
    });
  }
}

test("an answer that stalls half-way is a time-out", () => {
  // As undici throws it from the body, past the SDK's mapping of its errors.
  const stalled = Object.assign(new Error("Body Timeout Error"), {
    name: "BodyTimeoutError",
    code: "UND_ERR_BODY_TIMEOUT",
    $metadata: { httpStatusCode: 200 },
  });
  assert.equal(classify(stalled, 0).kind, "timeout");
});
