import assert from "node:assert/strict";
import { test } from "node:test";
import type { CachedCredentials } from "../../src/cache/cached-credentials.ts";
import type { Credentials } from "../../src/credentials.ts";
import type { Answer } from "../../src/http/documents.ts";
import { readHeaders } from "../../src/http/guards.ts";
import { checkSession, imdsFact, openSession, roleList } from "../../src/http/imds.ts";
import type { ImdsFact } from "../../src/http/routes.ts";
import { SessionTokens } from "../../src/http/session-token.ts";
import { refusals } from "../../src/refusals.ts";
import { EPOCH, FakeClock } from "../support/fake-clock.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const ROLE = "arn:aws-cn:iam::123456789012:role/team/app";
const TTL = "X-aws-ec2-metadata-token-ttl-seconds";

function cached(given: Partial<Credentials> = {}): CachedCredentials {
  return { credentials: fakeCredentials(EPOCH + 3_600_000, given), obtainedAt: EPOCH + 999, generation: 1 };
}

const textOf = ({ body }: Answer) => body;
const typeOf = ({ headers }: Answer) => headers[1];

test("opens a session, with the lifetime echoed as it was asked for", () => {
  const sessions = new SessionTokens(fakeEdge());
  for (const ttl of ["1", "21600", "0060"]) {
    const answer = openSession(sessions, readHeaders([TTL, ttl]));
    assert.deepEqual([answer.status, typeOf(answer)], [200, "text/plain"]);
    assert.equal(answer.headers[answer.headers.indexOf(TTL) + 1], ttl);
    assert.equal(sessions.isValid(textOf(answer)), true);
  }
});

for (const raw of [[], [TTL, ""], [TTL, "0"], [TTL, "21601"], [TTL, "soon"]]) {
  test(`opens no session for ${JSON.stringify(raw[1])}`, () => {
    const answer = openSession(new SessionTokens(fakeEdge()), readHeaders(raw));
    assert.equal(answer.status, 400);
    assert.equal(JSON.parse(textOf(answer)).code, "BadSessionTtl");
  });
}

const checks = [
  { name: "no token", token: "none", v1: undefined, v2: 401 },
  { name: "an empty token", token: "empty", v1: 401, v2: 401 },
  { name: "a wrong token", token: "wrong", v1: 401, v2: 401 },
  { name: "an old token", token: "old", v1: 401, v2: 401 },
  { name: "a valid token", token: "valid", v1: undefined, v2: undefined },
] as const;

for (const { name, token, v1, v2 } of checks) {
  test(`answers ${name} with ${v1 ?? "credentials"} in v1 and with ${v2 ?? "credentials"} in v2`, () => {
    const clock = new FakeClock();
    const sessions = new SessionTokens(fakeEdge({ clock }));
    const old = sessions.issue("1") ?? "";
    clock.jump(1_000);
    const tokens = { none: undefined, empty: "", wrong: "INVALID", old, valid: sessions.issue("1") };
    const sent = tokens[token];
    const headers = readHeaders(sent === undefined ? [] : ["x-aws-ec2-metadata-token", sent]);
    const statusIn = (mode: "v1" | "v2") => {
      const refusal = checkSession(sessions, mode, headers);
      return refusal && refusals[refusal.reason].status;
    };
    assert.deepEqual([statusIn("v1"), statusIn("v2")], [v1, v2]);
  });
}

const lists = [
  { roleArn: ROLE, text: "app" },
  { roleArn: undefined, text: "default" },
];

for (const { roleArn, text } of lists) {
  test(`lists ${text} and no newline`, () => {
    const answer = roleList("default", cached({ roleArn }));
    assert.deepEqual([answer.status, typeOf(answer), textOf(answer)], [200, "text/plain", text]);
  });
}

interface FactCase {
  readonly fact: ImdsFact;
  readonly region?: string;
  readonly cached?: CachedCredentials;
  /** The body of a 200; undefined for 404. */
  readonly body: string | undefined;
}

const account = cached({ accountId: "123456789012" });

const facts: readonly FactCase[] = [
  { fact: "region", region: "eu-west-1", body: "eu-west-1" },
  { fact: "region", body: undefined },
  {
    fact: "identity-document",
    region: "eu-west-1",
    cached: account,
    body: '{"region":"eu-west-1","accountId":"123456789012"}',
  },
  { fact: "identity-document", region: "eu-west-1", cached: cached(), body: '{"region":"eu-west-1"}' },
  { fact: "identity-document", region: "eu-west-1", body: '{"region":"eu-west-1"}' },
  { fact: "identity-document", cached: account, body: undefined },
  {
    fact: "info",
    cached: cached({ roleArn: ROLE }),
    body: '{"Code":"Success","LastUpdated":"2026-01-01T00:00:00Z","InstanceProfileArn":"arn:aws-cn:iam::123456789012:instance-profile/app"}',
  },
  { fact: "info", cached: account, body: undefined },
  { fact: "info", body: undefined },
  { fact: "availability-zone", region: "eu-west-1", cached: account, body: undefined },
];

const unknown: Readonly<Record<ImdsFact, RegExp>> = {
  region: /set AWS_REGION/,
  "identity-document": /set AWS_REGION/,
  info: /upstream did not say which role it is/,
  "availability-zone": /never known here/,
};

for (const { fact, region, cached: holding, body } of facts) {
  const known = `${region === undefined ? "no region" : "a region"} and ${holding === undefined ? "nothing held" : "credentials"}`;
  test(`${body === undefined ? "does not know" : "knows"} the ${fact} with ${known}: ${body ?? 404}`, () => {
    const answer = imdsFact(fact, { region }, holding);
    if (body !== undefined) {
      assert.deepEqual([answer.status, textOf(answer)], [200, body]);
      return;
    }
    assert.equal(answer.status, 404);
    const { code, message } = JSON.parse(textOf(answer));
    assert.equal(code, "UnknownFact");
    assert.match(message, unknown[fact]);
  });
}
