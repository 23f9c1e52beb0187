import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { documentAnswer } from "../support/credential-documents.ts";
import { useEnvironment, type Variables, writeShared } from "../support/environment.ts";
import { type FakeServer, fakeServer, type Reply } from "../support/fake-http.ts";
import { defaultUpstream, failsAndKeeps, failureOf, fetchOnce, identitiesOf, SAID } from "../support/identities.ts";
import { ROLE, stsAnswer, stsError, stsSession } from "../support/sts-answers.ts";

const FLAGS = ["--upstream=profile"];
const keysOf = (name: string, key: string) =>
  `[${name}]\naws_access_key_id = ${key}\naws_secret_access_key = fake-profile-secret\n`;
const FIRST = "AKIAFAKEPROFILE00001";
const SECOND = "AKIAFAKEPROFILE00002";

/** A fake STS, and a home whose files say `config`. */
async function withSts(t: TestContext, config: string, reply: () => Reply, given: Variables = {}) {
  const sts = await fakeServer(t, reply);
  const env = { AWS_ENDPOINT_URL_STS: sts.url, AWS_REGION: "eu-west-1", AWS_PROFILE: "dev", ...given };
  const { home } = useEnvironment(t, env);
  writeShared(home, { config, credentials: keysOf("base", FIRST) });
  return { sts, home };
}

const formsOf = ({ requests }: FakeServer) => requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
/** The access keys with which requests were signed. */
const signersOf = ({ requests }: FakeServer) =>
  requests.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? "")?.[1]);

test("the profile of AWS_PROFILE gives its static keys, and default without one", async (t) => {
  const { home } = useEnvironment(t);
  writeShared(home, { credentials: keysOf("default", FIRST) + keysOf("dev", SECOND) });
  const upstream = defaultUpstream(FLAGS);
  assert.deepEqual(await fetchOnce(upstream), {
    accessKeyId: FIRST,
    secretAccessKey: "fake-profile-secret",
    sessionToken: "",
    lifetime: { kind: "unlimited" },
    accountId: undefined,
    roleArn: undefined,
  });
  process.env.AWS_PROFILE = "dev";
  assert.equal((await fetchOnce(upstream)).accessKeyId, SECOND);
});

test("the files of AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE are read", async (t) => {
  const { home } = useEnvironment(t, { AWS_PROFILE: "dev" });
  process.env.AWS_SHARED_CREDENTIALS_FILE = join(home, "keys");
  process.env.AWS_CONFIG_FILE = join(home, "settings");
  writeFileSync(join(home, "keys"), keysOf("dev", FIRST));
  writeFileSync(join(home, "settings"), "[profile dev]\naws_account_id = 123456789012\n");
  const { accessKeyId, accountId } = await fetchOnce(defaultUpstream(FLAGS));
  assert.deepEqual([accessKeyId, accountId], [FIRST, "123456789012"]);
});

test("a rotated credentials file is noticed at the next fetch", async (t) => {
  const { home } = useEnvironment(t);
  const upstream = defaultUpstream(FLAGS);
  for (const key of [FIRST, SECOND]) {
    writeShared(home, { credentials: keysOf("default", key) });
    assert.equal((await fetchOnce(upstream)).accessKeyId, key);
  }
});

for (const [name, credentials] of [
  ["is emptied", ""],
  ["is half written", "[default]\naws_access_key_id = AKIAFAKE"],
  ["is not one", `<html>${SAID}</html>`],
  ["holds a key that is none", keysOf("default", SAID)],
] as const) {
  test(`a credentials file that ${name} costs nothing that is held`, async (t) => {
    const { home } = useEnvironment(t);
    writeShared(home, { credentials: keysOf("default", FIRST) });
    const upstream = defaultUpstream(FLAGS);
    const { kind } = await failsAndKeeps(upstream, () => writeShared(home, { credentials }));
    assert.equal(kind, name === "holds a key that is none" ? "malformed" : "not-configured");
  });
}

test("a role with a source_profile is assumed with that profile's keys", async (t) => {
  const config = `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = base\nexternal_id = fake-id\nrole_session_name = me\n`;
  const session = stsSession({ expiration: "2099-01-01T00:00:00Z" });
  const { sts } = await withSts(t, config, () => stsAnswer("AssumeRole", session));
  const { accessKeyId, lifetime, accountId } = await fetchOnce(defaultUpstream(FLAGS));
  assert.equal(accessKeyId, session.accessKeyId);
  assert.deepEqual(lifetime, { kind: "until", expiration: Date.UTC(2099, 0, 1) });
  assert.equal(accountId, "123456789012");
  assert.deepEqual(signersOf(sts), [FIRST]);
  const [form] = formsOf(sts);
  assert.deepEqual([form?.RoleArn, form?.ExternalId, form?.RoleSessionName], [ROLE, "fake-id", "me"]);
});

test("a role with a web identity token file is assumed with the token as it is now", async (t) => {
  const { sts, home } = await withSts(t, "", () => stsAnswer("AssumeRoleWithWebIdentity", stsSession()));
  const file = join(home, "token");
  writeShared(home, { config: `[profile dev]\nrole_arn = ${ROLE}\nweb_identity_token_file = ${file}\n` });
  const upstream = defaultUpstream(FLAGS);
  for (const token of ["fake-web-1", "fake-web-2"]) {
    writeFileSync(file, token);
    await fetchOnce(upstream);
  }
  assert.deepEqual(
    formsOf(sts).map(({ WebIdentityToken, RoleArn }) => [WebIdentityToken, RoleArn]),
    [
      ["fake-web-1", ROLE],
      ["fake-web-2", ROLE],
    ],
  );
});

for (const kind of ["profile", "auto"]) {
  test(`${kind}: a profile's own role by web identity is reported, not the one that AWS_ROLE_ARN names`, async (t) => {
    const { home } = await withSts(t, "", () => stsAnswer("AssumeRoleWithWebIdentity", stsSession()));
    const file = join(home, "token");
    writeFileSync(file, "fake-web");
    writeShared(home, { config: `[profile dev]\nrole_arn = ${ROLE}\nweb_identity_token_file = ${file}\n` });
    // As the EKS webhook injects them into every pod of a service account.
    const other = "arn:aws:iam::210987654321:role/pod";
    Object.assign(process.env, { AWS_ROLE_ARN: other, AWS_WEB_IDENTITY_TOKEN_FILE: file });
    const { roleArn, accountId } = await fetchOnce(defaultUpstream([`--upstream=${kind}`]));
    assert.deepEqual([roleArn, accountId], [ROLE, "123456789012"]);
  });
}

test("a role with credential_source = EcsContainer is assumed with the container's credentials", async (t) => {
  const config = `[profile dev]\nrole_arn = ${ROLE}\ncredential_source = EcsContainer\n`;
  const container = await fakeServer(t, () => documentAnswer({ AccessKeyId: SECOND }));
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.url}/creds` };
  const { sts } = await withSts(t, config, () => stsAnswer("AssumeRole", stsSession()), env);
  await fetchOnce(defaultUpstream(FLAGS));
  assert.deepEqual([signersOf(sts), container.requests.length], [[SECOND], 1]);
});

for (const [name, source] of [
  ["source_profile", "source_profile = base"],
  ["web_identity_token_file", "web_identity_token_file = HOME/token"],
] as const) {
  test(`a failing STS is asked once for a role with ${name}`, async (t) => {
    const { sts, home } = await withSts(t, "", () => ({ status: 500 }));
    writeFileSync(join(home, "token"), "fake-web");
    writeShared(home, { config: `[profile dev]\nrole_arn = ${ROLE}\n${source.replace("HOME", home)}\n` });
    const { kind } = await failureOf(defaultUpstream(FLAGS));
    assert.deepEqual([kind, sts.requests.length], ["unavailable", 1]);
  });
}

test("a failing container is asked once for credential_source", async (t) => {
  const container = await fakeServer(t, () => ({ status: 500 }));
  const config = `[profile dev]\nrole_arn = ${ROLE}\ncredential_source = EcsContainer\n`;
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.url}/creds` };
  await withSts(t, config, () => stsAnswer("AssumeRole", stsSession()), env);
  const { kind } = await failureOf(defaultUpstream(FLAGS));
  assert.deepEqual([kind, container.requests.length], ["unavailable", 1]);
});

for (const [name, config] of [
  ["that is not there", ""],
  ["that holds nothing", "[profile dev]\nregion = eu-west-1\n"],
  ["that leads to itself", `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = dev\n`],
  ["that asks for a second factor", `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = base\nmfa_serial = x\n`],
  ["with a source that nobody knows", `[profile dev]\nrole_arn = ${ROLE}\ncredential_source = Nowhere\n`],
] as const) {
  test(`a profile ${name} is not configured`, async (t) => {
    await withSts(t, config, () => stsAnswer("AssumeRole", stsSession()));
    const { kind } = await failureOf(defaultUpstream(FLAGS));
    assert.equal(kind, "not-configured");
  });
}

for (const kind of ["auto", "profile"]) {
  test(`SIDECAR_PROFILES with ${kind} gives an identity to each profile, the first as default`, async (t) => {
    const config = `[profile role]\nrole_arn = ${ROLE}\nsource_profile = base\n`;
    const session = stsSession();
    const { home } = await withSts(t, config, () => stsAnswer("AssumeRole", session));
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: "AKIAFAKEENV000000000", AWS_SECRET_ACCESS_KEY: "fake-env-secret" });
    writeShared(home, { credentials: keysOf("base", FIRST) + keysOf("reports", SECOND) });
    const { upstreams } = identitiesOf([`--upstream=${kind}`, "--profiles=base,role,reports"]);
    const found = [...upstreams].map(async ([name, upstream]) => [name, (await fetchOnce(upstream)).accessKeyId]);
    assert.deepEqual(await Promise.all(found), [
      ["default", FIRST],
      ["role", session.accessKeyId],
      ["reports", SECOND],
    ]);
  });
}

test("a profile's own duration_seconds is not stepped down: it is not ours, and is told as what it is", async (t) => {
  const config = `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = base\nduration_seconds = 43200\n`;
  const tooLong = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
  const { sts } = await withSts(t, config, () => stsError(400, "ValidationError", tooLong));
  const { upstreams, steps } = identitiesOf([...FLAGS, "--duration=12h"]);
  const { kind } = await failureOf(upstreams.get("default") ?? assert.fail());
  assert.deepEqual([kind, sts.requests.length, steps], ["rejected", 1, []]);
});
