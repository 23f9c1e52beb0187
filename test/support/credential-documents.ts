/** What a container endpoint or IMDS answers: a healthy document, and every way in which it can be unusable. */
import type { FailureKind } from "../../src/upstream/failure.ts";
import type { FakeAnswer, Reply } from "./fake-http.ts";
import { SAID } from "./identities.ts";
import { inAnHour } from "./sts-answers.ts";

let issued = 0;

/** A document as EC2 writes it, an hour long; `given` replaces fields, and takes away those that are undefined. */
export function documentOf(given: Readonly<Record<string, unknown>> = {}) {
  issued += 1;
  return {
    Code: "Success",
    LastUpdated: "2026-01-01T00:00:00Z",
    Type: "AWS-HMAC",
    AccessKeyId: `ASIAFAKEDOC${String(issued).padStart(9, "0")}`,
    SecretAccessKey: `fake-document-secret-${issued}`,
    Token: `fake-document-token-${issued}`,
    Expiration: inAnHour(),
    ...given,
  };
}

export function documentAnswer(given: Readonly<Record<string, unknown>> = {}): FakeAnswer {
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(documentOf(given)) };
}

export interface Unusable {
  readonly name: string;
  readonly reply: Reply;
  readonly kind: FailureKind;
}

const answer = (name: string, kind: FailureKind, reply: Reply): Unusable => ({ name, kind, reply });
const field = (name: string, given: Readonly<Record<string, unknown>>): Unusable =>
  answer(name, "malformed", documentAnswer(given));

export const unusable: readonly Unusable[] = [
  answer("nothing", "malformed", {}),
  answer("a page", "malformed", { body: `<html>${SAID}</html>` }),
  answer("a page that begins with a word", "malformed", { body: `${SAID} <html>` }),
  answer("half a document", "malformed", { body: `{"SecretAccessKey":"${SAID}` }),
  answer("null", "malformed", { body: "null" }),
  answer("a list", "malformed", { body: JSON.stringify([documentOf()]) }),
  answer("a string", "malformed", { body: JSON.stringify(SAID) }),
  answer("an empty object", "malformed", { body: "{}" }),
  answer("10 MB that are no document", "malformed", { body: SAID.repeat(600_000) }),
  field("10 MB of token", { Token: "x".repeat(10_000_000) }),
  field("no access key", { AccessKeyId: undefined }),
  field("an empty access key", { AccessKeyId: "" }),
  field("an access key that is none", { AccessKeyId: SAID }),
  field("an access key that is a number", { AccessKeyId: 1 }),
  field("no secret", { SecretAccessKey: undefined }),
  field("an empty secret", { SecretAccessKey: "" }),
  field("no token", { Token: undefined }),
  field("a token with a line break", { Token: `fake\n${SAID}` }),
  field("no expiration", { Expiration: undefined }),
  field("an empty expiration", { Expiration: "" }),
  field("an expiration that is none", { Expiration: SAID }),
  field("an expiration that is a number", { Expiration: 4_070_908_800 }),
  answer("an expiration that is over", "expired", documentAnswer({ Expiration: "2020-01-01T00:00:00Z" })),
  answer("a refusal with 200", "denied", { body: JSON.stringify({ Code: "Failed", Message: SAID }) }),
  answer("400", "rejected", { status: 400, body: SAID }),
  answer("401", "denied", { status: 401, body: SAID }),
  answer("403", "denied", { status: 403, body: JSON.stringify({ Message: SAID, message: SAID }) }),
  answer("404", "rejected", { status: 404, body: `<html>${SAID}</html>` }),
  answer("429", "throttled", { status: 429, body: SAID }),
  answer("500", "unavailable", { status: 500, body: SAID }),
  answer("503", "unavailable", { status: 503, body: SAID }),
  answer("204", "malformed", { status: 204 }),
  answer("302", "malformed", { status: 302, headers: { Location: "http://127.0.0.1:1/" } }),
  answer("a connection that is reset", "unreachable", "reset"),
];
