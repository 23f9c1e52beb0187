import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import nock from "nock";
import { systemClock } from "../../src/edge.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import type { FailureKind } from "../../src/upstream/failure.ts";
import { useEnvironment, type Variables, writeShared } from "../support/environment.ts";
import { type FakeAnswer, type FakeServer, fakeServer, type Reply } from "../support/fake-http.ts";
import { defaultUpstream, failsAndKeeps, failureOf, fetchOnce, SAID } from "../support/identities.ts";

const START_URL = "https://corp.example.test/start";
const PROFILES = `[sso-session corp]
sso_region = us-west-2
sso_start_url = ${START_URL}
[profile dev]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = developer
[profile legacy]
sso_region = us-west-2
sso_start_url = ${START_URL}
sso_account_id = 123456789012
sso_role_name = developer
`;

const ROLE_CREDENTIALS = {
  accessKeyId: "ASIAFAKESSO000000001",
  secretAccessKey: "fake-sso-secret",
  sessionToken: "fake-sso-token",
};

/** As the portal writes it: the expiration in ms. */
const portalAnswer = (expiration: number, given: object = {}): FakeAnswer => ({
  body: JSON.stringify({ roleCredentials: { ...ROLE_CREDENTIALS, expiration, ...given } }),
});

const portalError = (status: number, type: string): FakeAnswer => ({
  status,
  headers: { "x-amzn-errortype": type },
  body: JSON.stringify({ message: SAID }),
});

const cacheFile = (home: string, key: string) =>
  join(home, ".aws", "sso", "cache", `${createHash("sha1").update(key).digest("hex")}.json`);

/** What `aws sso login` leaves behind, and a profile that uses it. */
function loggedIn(t: TestContext, given: Variables = {}, expiresAt = "2099-01-01T00:00:00Z"): string {
  const { home } = useEnvironment(t, { AWS_PROFILE: "dev", ...given });
  writeShared(home, { config: PROFILES });
  mkdirSync(join(home, ".aws", "sso", "cache"), { recursive: true });
  for (const key of ["corp", START_URL]) {
    writeFileSync(cacheFile(home, key), JSON.stringify({ accessToken: "fake-sso-login", expiresAt }));
  }
  return home;
}

async function portal(t: TestContext, reply: (number: number) => Reply, given: Variables = {}): Promise<FakeServer> {
  const server = await fakeServer(t, () => reply(server.requests.length));
  loggedIn(t, { AWS_ENDPOINT_URL_SSO: server.url, ...given });
  return server;
}

for (const kind of ["sso", "profile", "auto"]) {
  for (const profile of ["dev", "legacy"]) {
    test(`${kind}: the ${profile} profile's role is fetched from the portal with the login's token`, async (t) => {
      const server = await portal(t, () => portalAnswer(Date.UTC(2099, 0, 1)), { AWS_PROFILE: profile });
      const given = await fetchOnce(defaultUpstream([`--upstream=${kind}`]));
      assert.deepEqual(given, {
        ...ROLE_CREDENTIALS,
        lifetime: { kind: "until", expiration: Date.UTC(2099, 0, 1) },
        accountId: undefined,
        roleArn: undefined,
        roleName: "developer",
      });
      assert.deepEqual(
        server.requests.map(({ path, headers }) => [path, headers["x-amz-sso_bearer_token"]]),
        [["/federation/credentials?account_id=123456789012&role_name=developer", "fake-sso-login"]],
      );
    });
  }

  test(`${kind}: the portal of the profile's region is asked, whatever AWS_DEFAULT_REGION says`, async (t) => {
    loggedIn(t, { AWS_DEFAULT_REGION: "eu-west-1" });
    const { body } = portalAnswer(Date.UTC(2099, 0, 1));
    const scope = nock("https://portal.sso.us-west-2.amazonaws.com")
      .get(/^\/federation/)
      .reply(200, body);
    t.after(() => nock.cleanAll());
    await fetchOnce(defaultUpstream([`--upstream=${kind}`]));
    scope.done();
  });
}

const over = Date.UTC(2020, 0, 1);
const later = Date.UTC(2099, 0, 1);
const spoilt: readonly (readonly [name: string, reply: Reply, kind: FailureKind])[] = [
  ["UnauthorizedException", portalError(401, "UnauthorizedException"), "denied"],
  ["ForbiddenException", portalError(403, "ForbiddenException"), "denied"],
  ["TooManyRequestsException", portalError(429, "TooManyRequestsException"), "throttled"],
  ["ResourceNotFoundException", portalError(404, "ResourceNotFoundException"), "rejected"],
  ["a bare 500", { status: 500 }, "unavailable"],
  ["a page", { body: `<html>${SAID}</html>` }, "malformed"],
  ["nothing", {}, "malformed"],
  ["an empty object", { body: "{}" }, "malformed"],
  ["no expiration", portalAnswer(later, { expiration: undefined }), "malformed"],
  ["a key that is none", portalAnswer(later, { accessKeyId: SAID }), "malformed"],
  ["credentials that have expired", portalAnswer(over), "expired"],
  ["10 MB", { body: SAID.repeat(600_000) }, "malformed"],
  ["credentials in 10 MB", { body: `${portalAnswer(later).body}${" ".repeat(10_000_000)}` }, "malformed"],
  ["a connection that is reset", "reset", "unreachable"],
];

for (const [name, reply, kind] of spoilt) {
  test(`a portal that answers ${name} is ${kind}, costs one call, and nothing that is held`, async (t) => {
    const healthy = portalAnswer(Math.floor((systemClock.now() + HOUR) / 1_000) * 1_000);
    const server = await portal(t, (number) => (number === 1 ? healthy : reply));
    const failure = await failsAndKeeps(defaultUpstream(["--upstream=sso"]), () => {});
    assert.deepEqual([failure.kind, server.requests.length], [kind, 2]);
  });
}

test("a login that has expired, or that never was, is not configured", async (t) => {
  const home = loggedIn(t, {}, "2020-01-01T00:00:00Z");
  const upstream = defaultUpstream(["--upstream=sso"]);
  assert.equal((await failureOf(upstream)).kind, "not-configured");
  rmSync(cacheFile(home, "corp"));
  assert.equal((await failureOf(upstream)).kind, "not-configured");
});

test("a new login is noticed at the next fetch", async (t) => {
  const server = await portal(t, () => portalAnswer(later));
  const upstream = defaultUpstream(["--upstream=sso"]);
  await fetchOnce(upstream);
  const login = { accessToken: "fake-sso-login-2", expiresAt: "2099-01-01T00:00:00Z" };
  writeFileSync(cacheFile(process.env.HOME ?? "", "corp"), JSON.stringify(login));
  await fetchOnce(upstream);
  assert.deepEqual(
    server.requests.map(({ headers }) => headers["x-amz-sso_bearer_token"]),
    ["fake-sso-login", "fake-sso-login-2"],
  );
});

const soon = () => new Date(systemClock.now() + MINUTE).toISOString();
const REFRESHABLE = {
  accessToken: "fake-sso-login",
  refreshToken: "fake-refresh",
  clientId: "c",
  clientSecret: "fake-client",
};

/** A login with a minute left, that could be refreshed. */
async function endingLogin(t: TestContext): Promise<{ readonly oidc: FakeServer; readonly path: string }> {
  await portal(t, () => portalAnswer(later));
  const oidc = await fakeServer(t, () => ({
    body: JSON.stringify({ accessToken: "fake-sso-new", expiresIn: 3_600, refreshToken: "fake-refresh-2" }),
  }));
  process.env.AWS_ENDPOINT_URL_SSO_OIDC = oidc.url;
  const path = cacheFile(process.env.HOME ?? "", "corp");
  writeFileSync(path, JSON.stringify({ ...REFRESHABLE, expiresAt: soon() }));
  return { oidc, path };
}

test("a login that is about to end is refreshed, and the result is written back", async (t) => {
  const { oidc, path } = await endingLogin(t);
  await fetchOnce(defaultUpstream(["--upstream=sso"]));
  assert.equal(oidc.requests.length, 1);
  assert.equal(JSON.parse(readFileSync(path, "utf8")).refreshToken, "fake-refresh-2");
});

test("a login in a directory that cannot be written is used to its end, and its refresh token is left alone", async (t) => {
  const { oidc, path } = await endingLogin(t);
  t.mock.method(fs, "access", () => Promise.reject(Object.assign(new Error("EROFS"), { code: "EROFS" })));
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const upstream = defaultUpstream(["--upstream=sso"]);
  await fetchOnce(upstream);
  writeFileSync(path, JSON.stringify({ ...REFRESHABLE, expiresAt: "2020-01-01T00:00:00Z" }));
  const { kind, message } = await failureOf(upstream);
  assert.deepEqual([kind, oidc.requests.length], ["not-configured", 0]);
  assert.match(message, /aws sso login --profile dev/);
});

test("a login whose end has no zone is refused, rather than read in TZ", async (t) => {
  await portal(t, () => portalAnswer(later));
  writeFileSync(
    cacheFile(process.env.HOME ?? "", "corp"),
    JSON.stringify({ ...REFRESHABLE, expiresAt: "2099-01-01T00:00:00" }),
  );
  assert.equal((await failureOf(defaultUpstream(["--upstream=sso"]))).kind, "not-configured");
});

/** What `aws login` leaves behind, ending at `expiresAt`. */
function loggedInByLogin(t: TestContext, expiresAt: string): string {
  const session = "arn:aws:iam::123456789012:user/me";
  const { home } = useEnvironment(t, { AWS_PROFILE: "dev" });
  writeShared(home, { config: `[profile dev]\nlogin_session = ${session}\n` });
  const directory = join(home, ".aws", "login", "cache");
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${createHash("sha256").update(session).digest("hex")}.json`);
  const accessToken = { ...ROLE_CREDENTIALS, accountId: "123456789012", expiresAt };
  writeFileSync(
    path,
    JSON.stringify({ accessToken, refreshToken: "fake-refresh", clientId: "c", dpopKey: "fake-key" }),
  );
  return path;
}

test("aws login's credentials are served as long as they have", async (t) => {
  loggedInByLogin(t, "2099-01-01T00:00:00Z");
  const { accessKeyId, accountId, lifetime } = await fetchOnce(defaultUpstream(["--upstream=profile"]));
  assert.deepEqual([accessKeyId, accountId], [ROLE_CREDENTIALS.accessKeyId, "123456789012"]);
  assert.deepEqual(lifetime, { kind: "until", expiration: later });
});
