/** How a profile gives credentials, by botocore's rules. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planOf } from "../../src/upstream/plan.ts";
import { readSharedFiles } from "../../src/upstream/shared-files.ts";
import { useEnvironment, writeShared } from "../support/environment.ts";

const R = "role_arn = arn:aws:iam::123456789012:role/app\n";
const K = "aws_access_key_id = AKIAFAKEFAKEFAKE0001\naws_secret_access_key = fake-secret\n";
const SSO =
  "sso_account_id = 123456789012\nsso_role_name = r\nsso_region = eu-west-1\nsso_start_url = https://x.test/\n";
const BASE = `[profile base]\n${K}`;

async function plan(t: Parameters<typeof useEnvironment>[0], config: string, credentials = "", name = "app") {
  const { home } = useEnvironment(t);
  writeShared(home, { config, credentials });
  return planOf(name, await readSharedFiles(process.env));
}

for (const [name, config, credentials, kind] of [
  ["keys", `[profile app]\n${K}`, "", "keys"],
  ["keys of the credentials file", "", `[app]\n${K}`, "keys"],
  ["a role and its source", `[profile app]\n${R}source_profile = base\n${BASE}`, "", "assume-role"],
  [
    "a role whose source is in the credentials file",
    `[profile app]\n${R}source_profile = base\n`,
    `[base]\n${K}`,
    "assume-role",
  ],
  ["a role that is its own source", `[profile app]\n${R}${K}source_profile = app\n`, "", "assume-role"],
  ["a role and keys: the role", `[profile app]\n${R}${K}source_profile = base\n${BASE}`, "", "assume-role"],
  ["a role by token", `[profile app]\n${R}web_identity_token_file = /token\n`, "", "web-identity"],
  ["a program", "[profile app]\ncredential_process = tool\n", "", "process"],
  ["a program before keys beside it", `[profile app]\n${K}credential_process = tool\n`, "", "process"],
  [
    "keys of the credentials file before a program",
    "[profile app]\ncredential_process = tool\n",
    `[app]\n${K}`,
    "keys",
  ],
  ["SSO", `[profile app]\n${SSO}`, "", "sso"],
  ["SSO before keys", `[profile app]\n${SSO}${K}`, "", "sso"],
  ["aws login", "[profile app]\nlogin_session = arn:aws:iam::123456789012:user/me\n", "", "login"],
] as const) {
  test(`a profile with ${name} gives a plan of kind ${kind}`, async (t) => {
    assert.equal((await plan(t, config, credentials))?.kind, kind);
  });
}

for (const [name, config] of [
  ["a quoted name", `[profile "my app"]\n${K}`],
  ["a name with a number sign", `[profile "my app"]\n${R}source_profile = team #4\n[profile "team #4"]\n${K}`],
] as const) {
  test(`a profile with ${name} is found`, async (t) => {
    assert.ok((await plan(t, config, "", "my app")) !== undefined);
  });
}

const OTHER = "aws_access_key_id = AKIAFAKEFAKEFAKE0002\naws_secret_access_key = fake-secret-2\n";
const SESSION = "aws_session_token = fake-session\n";

for (const [name, config, credentials, accessKeyId, sessionToken] of [
  ["a session beside static keys", `${K}${SESSION}`, OTHER, "AKIAFAKEFAKEFAKE0002", undefined],
  ["static keys beside a stray token", K, SESSION, "AKIAFAKEFAKEFAKE0001", undefined],
  [
    "a session beside another session's token",
    `${K}${SESSION}`,
    "aws_session_token = x\n",
    "AKIAFAKEFAKEFAKE0001",
    "fake-session",
  ],
] as const) {
  test(`the keys of one file are never mixed with another's: ${name}`, async (t) => {
    const found = await plan(t, `[profile app]\n${config}`, `[app]\n${credentials}`);
    assert.ok(found?.kind === "keys");
    assert.equal(found.answer.accessKeyId, accessKeyId);
    assert.equal(found.answer.sessionToken, sessionToken);
  });

  test(`a source's keys of one file are never mixed with another's: ${name}`, async (t) => {
    const found = await plan(t, `[profile app]\n${R}source_profile = b\n[profile b]\n${config}`, `[b]\n${credentials}`);
    assert.ok(found?.kind === "assume-role" && found.source.kind === "keys");
    assert.equal(found.source.answer.accessKeyId, accessKeyId);
    assert.equal(found.source.answer.sessionToken, sessionToken);
  });
}

for (const [name, config, credentials, message] of [
  [
    "half in each file",
    "aws_secret_access_key = fake\n",
    "aws_access_key_id = AKIAFAKEFAKEFAKE0001\n",
    /no aws_secret/,
  ],
  ["a pair in one file and half in the other", K, "aws_access_key_id = AKIAFAKEFAKEFAKE0002\n", /no aws_secret/],
  ["a session token alone", SESSION, "", /aws_session_token, but not aws_access_key_id/],
  ["a session token alone in the credentials file", "", SESSION, /aws_session_token, but not aws_access_key_id/],
  ["an old session token alone", "aws_security_token = x\n", "", /aws_security_token, but not aws_access_key_id/],
] as const) {
  test(`a profile with keys in pieces is refused: ${name}`, async (t) => {
    await assert.rejects(plan(t, `[profile app]\n${config}`, `[app]\n${credentials}`), message);
  });
}

test("a profile without a word of credentials is nothing", async (t) => {
  assert.equal(await plan(t, "[profile app]\nregion = eu-west-1\n"), undefined);
});

test("a source without a role may name a credential_source", async (t) => {
  const found = await plan(
    t,
    `[profile app]\n${R}source_profile = node\n[profile node]\ncredential_source = Ec2InstanceMetadata\n`,
  );
  assert.ok(found?.kind === "assume-role");
  assert.equal(found.source.kind, "imds");
});

for (const [name, config, message] of [
  ["is not there", "", /profile "app" is not in/],
  ["names a source that is not there", `[profile app]\n${R}source_profile = bse\n${BASE}`, /source_profile "bse"/],
  ["has a role and no source", `[profile app]\n${R}`, /neither source_profile nor credential_source/],
  [
    "has a role and two sources",
    `[profile app]\n${R}source_profile = base\ncredential_source = Environment\n${BASE}`,
    /both source_profile and/,
  ],
  ["has a role and an empty source", `[profile app]\n${R}source_profile =\n${BASE}`, /neither source_profile nor/],
  ["has an empty role", `[profile app]\nrole_arn =\nsource_profile = base\n${BASE}`, /empty role_arn/],
  ["has a source and no role", `[profile app]\nsource_profile = base\n${BASE}`, /source_profile, but not role_arn/],
  [
    "has a credential_source and no role",
    "[profile app]\ncredential_source = Environment\n",
    /credential_source, but not role_arn/,
  ],
  [
    "has a credential_source that nobody knows",
    `[profile app]\n${R}credential_source = Nowhere\n`,
    /Environment, EcsContainer/,
  ],
  ["leads in a circle", `[profile app]\n${R}source_profile = b\n[profile b]\n${R}source_profile = app\n`, /circle/],
  ["is its own source without keys", `[profile app]\n${R}source_profile = app\n`, /circle/],
  [
    "has a source without credentials",
    `[profile app]\n${R}source_profile = base\n[profile base]\nregion = x\n`,
    /no credentials/,
  ],
  [
    "has a source with half a pair",
    `[profile app]\n${R}source_profile = base\n[profile base]\naws_access_key_id = AKIAFAKEFAKEFAKE0001\n`,
    /no aws_secret_access_key/,
  ],
  [
    "asks for MFA",
    `[profile app]\n${R}source_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/u\n${BASE}`,
    /mfa_serial/,
  ],
  [
    "has a source that asks for MFA",
    `[profile app]\n${R}source_profile = base\n[profile base]\n${R}source_profile = keys\nmfa_serial = x\n[profile keys]\n${K}`,
    /"base" has mfa_serial/,
  ],
  ["has half a pair of keys", "[profile app]\naws_access_key_id = AKIAFAKEFAKEFAKE0001\n", /no aws_secret_access_key/],
  ["has the other half", "[profile app]\naws_secret_access_key = fake\n", /no aws_access_key_id/],
  ["has a token file and no role", "[profile app]\nweb_identity_token_file = /token\n", /no role_arn/],
  ["has an empty program", "[profile app]\ncredential_process =\n", /empty credential_process/],
  [
    "names an sso_session that is not there",
    "[profile app]\nsso_session = my\nsso_account_id = 123456789012\nsso_role_name = r\n",
    /\[sso-session my\]/,
  ],
  ["has half of SSO", "[profile app]\nsso_account_id = 123456789012\n", /no sso_role_name/],
  [
    "has an SSO session and no account",
    "[profile app]\nsso_session = my\n[sso-session my]\nsso_region = x\n",
    /not sso_account_id/,
  ],
  [
    "differs from its SSO session",
    "[profile app]\nsso_session = my\nsso_account_id = 1\nsso_role_name = r\nsso_region = a\n[sso-session my]\nsso_region = b\nsso_start_url = u\n",
    /differ in sso_region/,
  ],
  [
    "has a duration that is no number",
    `[profile app]\n${R}source_profile = base\nduration_seconds = 1h\n${BASE}`,
    /duration_seconds/,
  ],
] as const) {
  test(`a profile that ${name} is not configured, and says so`, async (t) => {
    await assert.rejects(plan(t, config), { kind: "not-configured", message });
  });
}

test("a name of Object's is no credential_source", async (t) => {
  await assert.rejects(plan(t, `[profile app]\n${R}credential_source = constructor\n`), { kind: "not-configured" });
});
