import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { documentAnswer, documentOf, unusable } from "../support/credential-documents.ts";
import { useEnvironment, type Variables } from "../support/environment.ts";
import { closedPort } from "../support/fake-http.ts";
import { type FakeImdsOptions, fakeImds, linesOf } from "../support/fake-imds.ts";
import { defaultUpstream, failsAndKeeps, failureOf, fetchOnce } from "../support/identities.ts";

const FLAGS = ["--upstream=imds"];

/** An IMDS, and an environment that leads to it. */
async function imds(t: TestContext, options: FakeImdsOptions = {}, given: Variables = {}) {
  const server = await fakeImds(t, options);
  useEnvironment(t, { AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url, ...given });
  return server;
}

const V2 = ["PUT /latest/api/token", "GET …/", "GET …/app"];

test("IMDSv2 gives the role's credentials and its account, with a session of its own for each refresh", async (t) => {
  const document = documentOf({ Expiration: "2099-01-01T00:00:00Z", AccountId: "123456789012" });
  const server = await imds(t, { credentials: () => ({ body: JSON.stringify(document) }) });
  const upstream = defaultUpstream(FLAGS);
  assert.deepEqual(await fetchOnce(upstream), {
    accessKeyId: document.AccessKeyId,
    secretAccessKey: document.SecretAccessKey,
    sessionToken: document.Token,
    lifetime: { kind: "until", expiration: Date.UTC(2099, 0, 1) },
    accountId: "123456789012",
    roleArn: undefined,
    roleName: "app",
  });
  await fetchOnce(upstream);
  assert.deepEqual(linesOf(server.requests), [...V2, ...V2]);
});

for (const status of [403, 404, 405]) {
  test(`an IMDS that knows no sessions and says ${status} is asked by version 1`, async (t) => {
    const server = await imds(t, { session: { status } });
    await fetchOnce(defaultUpstream(FLAGS));
    assert.deepEqual(linesOf(server.requests), V2);
    assert.deepEqual(
      server.requests.map(({ headers }) => headers["x-aws-ec2-metadata-token"]),
      [undefined, undefined, undefined],
    );
  });

  test(`an IMDS that knows no sessions and says ${status} is asked no more with AWS_EC2_METADATA_V1_DISABLED`, async (t) => {
    const server = await imds(t, { session: { status } }, { AWS_EC2_METADATA_V1_DISABLED: "true" });
    const { kind } = await failureOf(defaultUpstream(FLAGS));
    assert.deepEqual([kind, linesOf(server.requests)], ["unreachable", ["PUT /latest/api/token"]]);
  });
}

test("an IMDS that refuses to give a session with 400 is asked no more", async (t) => {
  const server = await imds(t, { session: { status: 400 } });
  const { kind } = await failureOf(defaultUpstream(FLAGS));
  assert.deepEqual([kind, linesOf(server.requests)], ["rejected", ["PUT /latest/api/token"]]);
});

for (const written of ["2099-01-01T00:00:00.5Z", "2099-01-01T02:00:00.5+02:00"]) {
  test(`an IMDS expiration of ${written} is understood`, async (t) => {
    await imds(t, { credentials: () => documentAnswer({ Expiration: written }) });
    const { lifetime } = await fetchOnce(defaultUpstream(FLAGS));
    assert.deepEqual(lifetime, { kind: "until", expiration: Date.UTC(2099, 0, 1) + 500 });
  });
}

test("credentials that have expired keep their real expiration, which the SDK moves ahead", async (t) => {
  await imds(t, { credentials: () => documentAnswer({ Expiration: "2020-01-01T00:00:00Z" }) });
  const { lifetime } = await fetchOnce(defaultUpstream(FLAGS));
  assert.deepEqual(lifetime, { kind: "until", expiration: Date.UTC(2020, 0, 1) });
});

for (const { name, reply, kind } of unusable) {
  test(`an IMDS that answers ${name} is ${kind}, is asked once, and costs nothing that is held`, async (t) => {
    const server = await imds(t, { credentials: () => (server.requests.length > 3 ? reply : documentAnswer()) });
    const failure = await failsAndKeeps(defaultUpstream(FLAGS), () => {});
    assert.deepEqual([failure.kind, server.requests.length], [kind, 6]);
  });
}

test("an IMDS where nobody listens is unreachable", async (t) => {
  useEnvironment(t, { AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${await closedPort()}/` });
  const { kind, upstreamCode } = await failureOf(defaultUpstream(FLAGS));
  assert.deepEqual([kind, upstreamCode], ["unreachable", "ECONNREFUSED"]);
});
