import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import dns from "node:dns";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import nock from "nock";
import { attempt } from "../../src/cache/attempt.ts";
import { documentAnswer, documentOf, unusable } from "../support/credential-documents.ts";
import { useEnvironment, type Variables } from "../support/environment.ts";
import { closedPort, type FakeServer, fakeServer, type Reply } from "../support/fake-http.ts";
import { clockOfToday, defaultUpstream, failsAndKeeps, failureOf, fetchOnce } from "../support/identities.ts";

const FLAGS = ["--upstream=container"];

/** A container endpoint, and an environment that leads to it. */
async function container(t: TestContext, reply: () => Reply, given: Variables = {}): Promise<FakeServer> {
  const server = await fakeServer(t, reply);
  useEnvironment(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.url}/creds?role=app`, ...given });
  return server;
}

const tokens = ({ requests }: FakeServer) => requests.map(({ headers }) => headers.authorization);

test("the container endpoint gives its credentials, in one call of the whole URI", async (t) => {
  const document = documentOf({ Expiration: "2099-01-01T00:00:00Z" });
  const server = await container(t, () => ({ body: JSON.stringify(document) }));
  assert.deepEqual(await fetchOnce(defaultUpstream(FLAGS)), {
    accessKeyId: document.AccessKeyId,
    secretAccessKey: document.SecretAccessKey,
    sessionToken: document.Token,
    lifetime: { kind: "until", expiration: Date.UTC(2099, 0, 1) },
    accountId: undefined,
    roleArn: undefined,
  });
  assert.deepEqual(
    server.requests.map(({ method, path }) => `${method} ${path}`),
    ["GET /creds?role=app"],
  );
  assert.deepEqual(tokens(server), [undefined]);
});

test("a fraction of a second in the expiration is understood", async (t) => {
  await container(t, () => documentAnswer({ Expiration: "2099-01-01T00:00:00.5Z" }));
  const { lifetime } = await fetchOnce(defaultUpstream(FLAGS));
  assert.deepEqual(lifetime, { kind: "until", expiration: Date.UTC(2099, 0, 1) + 500 });
});

for (const written of ["2099-01-01T00:00:00+00:00", "2099-01-01T02:00:00+02:00", "2099-01-01T00:00:00"]) {
  test(`an expiration of ${written} is understood, whatever TZ says`, async (t) => {
    await container(t, () => documentAnswer({ Expiration: written }), { TZ: "America/New_York" });
    const { lifetime } = await fetchOnce(defaultUpstream(FLAGS));
    assert.deepEqual(lifetime, { kind: "until", expiration: Date.UTC(2099, 0, 1) });
  });
}

test("the agent's account and role are passed on", async (t) => {
  const roleArn = "arn:aws:iam::210987654321:role/team/real";
  await container(t, () => documentAnswer({ AccountId: "210987654321", RoleArn: roleArn }));
  const credentials = await fetchOnce(defaultUpstream(FLAGS));
  assert.deepEqual([credentials.accountId, credentials.roleArn], ["210987654321", roleArn]);
});

for (const path of ["/dev/zero", "FIFO"]) {
  test(`a token file that is ${path} is not configured, and nothing waits for it`, async (t) => {
    const server = await container(t, () => documentAnswer());
    const fifo = join(process.env.HOME ?? "", "fifo");
    execFileSync("mkfifo", [fifo]);
    process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = path === "FIFO" ? fifo : path;
    const { kind } = await failureOf(defaultUpstream(FLAGS));
    assert.deepEqual([kind, server.requests.length], ["not-configured", 0]);
  });
}

test("an empty token is taken: another sidecar's static keys have none", async (t) => {
  await container(t, () => documentAnswer({ Token: "" }));
  const { sessionToken } = await fetchOnce(defaultUpstream(FLAGS));
  assert.equal(sessionToken, "");
});

for (const { name, reply, kind } of unusable) {
  test(`a container endpoint that answers ${name} is ${kind}, costs one call, and nothing that is held`, async (t) => {
    const server = await container(t, () => (server.requests.length === 1 ? documentAnswer() : reply));
    const failure = await failsAndKeeps(defaultUpstream(FLAGS), () => {});
    assert.deepEqual([failure.kind, server.requests.length], [kind, 2]);
  });
}

test("a container endpoint that never answers ends after the upstream's time, as a time-out", async (t) => {
  const asked = Promise.withResolvers<void>();
  await container(t, () => {
    asked.resolve();
    return "never";
  });
  const clock = clockOfToday();
  const upstream = defaultUpstream(FLAGS);
  const failed = assert.rejects(attempt(upstream, clock), { kind: "timeout" });
  await asked.promise;
  await clock.advance(upstream.timeoutMs);
  await failed;
});

test("the token of AWS_CONTAINER_AUTHORIZATION_TOKEN is sent as it is", async (t) => {
  const env = { AWS_CONTAINER_AUTHORIZATION_TOKEN: "Basic fake-token" };
  const server = await container(t, () => documentAnswer(), env);
  await fetchOnce(defaultUpstream(FLAGS));
  assert.deepEqual(tokens(server), ["Basic fake-token"]);
});

test("the token file wins over the variable, and is read again at each refresh", async (t) => {
  const server = await container(t, () => documentAnswer(), { AWS_CONTAINER_AUTHORIZATION_TOKEN: "fake-variable" });
  const file = join(process.env.HOME ?? "", "token");
  process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = file;
  const upstream = defaultUpstream(FLAGS);
  for (const token of ["fake-file-1", "fake-file-2"]) {
    writeFileSync(file, token);
    await fetchOnce(upstream);
  }
  assert.deepEqual(tokens(server), ["fake-file-1", "fake-file-2"]);
});

test("a token file that is not there is said, without a call", async (t) => {
  const server = await container(t, () => documentAnswer());
  process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = join(process.env.HOME ?? "", "none");
  const { kind, upstreamCode } = await failureOf(defaultUpstream(FLAGS));
  assert.deepEqual([kind, upstreamCode, server.requests.length], ["not-configured", "ENOENT", 0]);
});

/** The addresses of ECS and of EKS Pod Identity, which a test cannot listen on. */
for (const [name, env, origin, path] of [
  ["a relative URI", { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/one" }, "http://169.254.170.2", "/v2/one"],
  [
    "a relative URI beside a full one",
    { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/one", AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/two" },
    "http://169.254.170.2",
    "/v2/one",
  ],
  [
    "the URI that EKS Pod Identity sets",
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials" },
    "http://169.254.170.23",
    "/v1/credentials",
  ],
] as const) {
  test(`${name} leads to ${origin}${path} with the token of the file`, async (t) => {
    const { home } = useEnvironment(t, env);
    writeFileSync(join(home, "token"), "fake-pod-token");
    process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = join(home, "token");
    const document = documentOf({ AccountId: "123456789012" });
    nock(origin).get(path).matchHeader("authorization", "fake-pod-token").reply(200, JSON.stringify(document));
    t.after(() => nock.cleanAll());
    const { accessKeyId } = await fetchOnce(defaultUpstream(FLAGS));
    assert.equal(accessKeyId, document.AccessKeyId);
  });
}

for (const [name, uri] of [
  ["no URI", undefined],
  ["an empty URI", ""],
  ["a URI that is none", "127.0.0.1:9911"],
  ["plain HTTP to another host", "http://10.0.0.1/creds"],
] as const) {
  test(`${name} is not configured`, async (t) => {
    useEnvironment(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri });
    const { kind } = await failureOf(defaultUpstream(FLAGS));
    assert.equal(kind, "not-configured");
  });
}

test("an endpoint where nobody listens is unreachable", async (t) => {
  useEnvironment(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${await closedPort()}/` });
  const { kind, upstreamCode } = await failureOf(defaultUpstream(FLAGS));
  assert.deepEqual([kind, upstreamCode], ["unreachable", "ECONNREFUSED"]);
});

test("a localhost of two addresses where nobody listens is unreachable", async (t) => {
  // Node throws an AggregateError then, of which the provider keeps the name alone.
  const found = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
  t.mock.method(dns, "lookup", (_name: string, _options: object, done: (error: null, found: object) => void) =>
    done(null, found),
  );
  useEnvironment(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://localhost:${await closedPort()}/` });
  const { kind } = await failureOf(defaultUpstream(FLAGS));
  assert.equal(kind, "unreachable");
});
