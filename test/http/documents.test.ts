import assert from "node:assert/strict";
import { test } from "node:test";
import type { Credentials } from "../../src/credentials.ts";
import { type Answer, json, renderDocument, renderError, renderText, roleName } from "../../src/http/documents.ts";
import type { Protocol } from "../../src/policy/clients.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const ROLE = "arn:aws-cn:iam::123456789012:role/team/app";

const session = fakeCredentials(EPOCH + 3_600_000, {
  accessKeyId: "ASIAFAKE000000000001",
  secretAccessKey: "fake/secret+key=",
  sessionToken: "fake//session+token==",
  accountId: "123456789012",
  roleArn: ROLE,
});

function rendered(protocol: Protocol, given: Partial<Credentials> = {}, identity = "default"): Answer {
  return renderDocument({
    protocol,
    identity,
    credentials: { ...session, ...given },
    obtainedAt: EPOCH + 999,
    reportedExpiration: EPOCH + 3_540_999,
  });
}

const textOf = ({ body }: Answer) => body;

function headersOf({ headers }: Answer): Readonly<Record<string, string>> {
  const pairs = headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1] ?? ""] as const] : []));
  return Object.fromEntries(pairs);
}

test("renders the container document, key by key", () => {
  assert.equal(
    textOf(rendered("container")),
    '{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z",' +
      '"RoleArn":"arn:aws-cn:iam::123456789012:role/team/app","AccessKeyId":"ASIAFAKE000000000001",' +
      '"SecretAccessKey":"fake/secret+key=","Token":"fake//session+token==","Expiration":"2026-01-01T00:59:00Z",' +
      '"AccountId":"123456789012"}',
  );
});

test("renders the IMDS document, key by key, without a role's ARN", () => {
  assert.equal(
    textOf(rendered("imds")),
    '{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z","AccessKeyId":"ASIAFAKE000000000001",' +
      '"SecretAccessKey":"fake/secret+key=","Token":"fake//session+token==","Expiration":"2026-01-01T00:59:00Z",' +
      '"AccountId":"123456789012"}',
  );
});

const arns = [
  { name: "upstream's role", given: {}, identity: "app", arn: ROLE },
  {
    name: "a role called as the identity",
    given: { roleArn: undefined },
    identity: "app",
    arn: "arn:aws:iam::123456789012:role/app",
  },
  {
    name: "a role of no account",
    given: { roleArn: undefined, accountId: undefined },
    identity: "default",
    arn: "arn:aws:iam:::role/default",
  },
];

for (const { name, given, identity, arn } of arns) {
  test(`gives ${name} as RoleArn`, () => {
    const { RoleArn, AccountId } = JSON.parse(textOf(rendered("container", given, identity)));
    assert.equal(RoleArn, arn);
    assert.equal(AccountId, "accountId" in given ? undefined : "123456789012");
  });
}

for (const protocol of ["container", "imds"] as const) {
  test(`renders flat strings without escapes and nulls on ${protocol}`, () => {
    for (const given of [{}, { roleArn: undefined, accountId: undefined, sessionToken: "" }]) {
      const text = textOf(rendered(protocol, given));
      assert.equal(text.includes("\\"), false);
      for (const value of Object.values(JSON.parse(text))) assert.equal(typeof value, "string");
    }
  });

  test(`gives static keys an empty token on ${protocol}`, () => {
    assert.equal(JSON.parse(textOf(rendered(protocol, { sessionToken: "" }))).Token, "");
  });

  test(`sends ${protocol} documents as JSON without parameters, never to be stored`, () => {
    const answer = rendered(protocol);
    assert.equal(answer.status, 200);
    assert.deepEqual(headersOf(answer), {
      "Content-Type": "application/json",
      "Content-Length": String(answer.bytes),
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    });
  });
}

test("keeps the largest document below what the CRT takes", () => {
  const longest = {
    accessKeyId: "A".repeat(128),
    secretAccessKey: "s".repeat(512),
    sessionToken: "t".repeat(8_192),
    roleArn: `arn:aws-us-gov:iam::123456789012:role/${"r".repeat(576)}`,
  };
  assert.ok(rendered("container", longest).bytes <= 10_000);
});

test("renders errors for those who read small letters and those who read capitals", () => {
  const answer = renderError(503, "CredentialsNotReady", "no credentials yet", ["Allow", "GET"]);
  assert.equal(answer.status, 503);
  assert.equal(
    textOf(answer),
    '{"code":"CredentialsNotReady","message":"no credentials yet","Code":"CredentialsNotReady","Message":"no credentials yet"}',
  );
  assert.equal(headersOf(answer)["Content-Type"], "application/json");
  assert.equal(headersOf(answer).Allow, "GET");
});

test("renders text as it is, without a newline of its own", () => {
  const answer = renderText(200, "app");
  assert.equal(textOf(answer), "app");
  assert.deepEqual([headersOf(answer)["Content-Type"], headersOf(answer)["Content-Length"]], ["text/plain", "3"]);
});

test("counts bytes, not characters", () => {
  const answer = json(200, { ä: "ö" });
  assert.equal(headersOf(answer)["Content-Length"], String(Buffer.byteLength('{"ä":"ö"}')));
});

const names = [
  { roleArn: ROLE, name: "app" },
  { roleArn: "arn:aws:iam::123456789012:role/app", name: "app" },
  { roleArn: undefined, name: "default" },
];

for (const { roleArn, name } of names) {
  test(`lists ${roleArn} as ${name} on IMDS`, () => {
    assert.equal(roleName("default", { ...session, roleArn }), name);
  });
}
