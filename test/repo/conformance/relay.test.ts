/** The relay of `conformance/`: writes down what others issue, and gives one 503. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { json, serve } from "../../../conformance/harness/http.ts";
import { Ledger } from "../../../conformance/harness/ledger.ts";
import { Relay, readIssued } from "../../../conformance/harness/relay.ts";
import { get } from "../../support/served.ts";

const expiration = Date.parse("2026-01-01T01:00:00Z");
const issued = { accessKeyId: "ASIAFAKE0001", secretAccessKey: "fake-secret", sessionToken: "fake-token", expiration };
const document = {
  AccessKeyId: "ASIAFAKE0001",
  SecretAccessKey: "fake-secret",
  Token: "fake-token",
  Expiration: "2026-01-01T01:00:00Z",
};

const answers = [
  { name: "an answer of IMDS", body: JSON.stringify(document, null, 2), expected: issued },
  {
    name: "an answer of a container endpoint",
    body: JSON.stringify({ RoleArn: "arn", ...document }),
    expected: issued,
  },
  {
    name: "an answer of STS",
    body:
      "<Credentials><AccessKeyId>ASIAFAKE0001</AccessKeyId><SecretAccessKey>fake-secret</SecretAccessKey>" +
      "<SessionToken>fake-token</SessionToken><Expiration>2026-01-01T01:00:00.000000Z</Expiration></Credentials>",
    expected: issued,
  },
  { name: "a role's name", body: "orders", expected: undefined },
  { name: "an error", body: '{"code":"Denied"}', expected: undefined },
];

for (const { name, body, expected } of answers) {
  test(`reads ${expected === undefined ? "no credentials" : "the credentials"} in ${name}`, () => {
    assert.deepEqual(readIssued(body), expected);
  });
}

test("refuses the first reads, then passes on to a server that sees its own address as the host", async () => {
  const hosts: (string | undefined)[] = [];
  const behind = await serve(({ headers }) => {
    hosts.push(headers.host);
    return json(200, document);
  });
  const ledger = new Ledger();
  const relay = new Relay({ to: behind.url, refuse: 1 }, ledger);
  const front = await serve(relay.handle);
  const statuses = [];
  for (const path of ["/v1/credentials", "/v1/credentials", "/v1/credentials"]) {
    statuses.push((await get(`${front.url}${path}`)).status);
  }
  await Promise.all([front.close(), behind.close()]);
  assert.deepEqual(statuses, [503, 200, 200]);
  assert.deepEqual(new Set(hosts), new Set([new URL(behind.url).host]));
  assert.deepEqual(relay.report(), { passed: 2, refused: 1 });
  assert.deepEqual(ledger.find("ASIAFAKE0001"), issued);
});

test("answers 502 when nobody is behind it", async () => {
  const gone = await serve(() => undefined);
  await gone.close();
  const front = await serve(new Relay({ to: gone.url, refuse: 0 }, new Ledger()).handle);
  const { status } = await get(front.url);
  await front.close();
  assert.equal(status, 502);
});
