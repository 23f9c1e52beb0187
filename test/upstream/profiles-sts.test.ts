/** STS is asked as the identity's own profile says, whether `AWS_PROFILE` or `SIDECAR_PROFILES` names it. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import nock from "nock";
import { useEnvironment, writeShared } from "../support/environment.ts";
import { defaultUpstream, failureOf, fetchOnce } from "../support/identities.ts";
import { ROLE, stsAnswer, stsSession } from "../support/sts-answers.ts";

const K = "aws_access_key_id = AKIAFAKEFAKEFAKE0001\naws_secret_access_key = fake-secret\n";
const R = `role_arn = ${ROLE}\n`;
const BASE = `source_profile = base\n[profile base]\n${K}`;
/** What must not be taken for the identity's own. */
const OTHERS = "\n[default]\nregion = us-west-2\nendpoint_url = https://default.test\nuse_fips_endpoint = true\n";

const cases: readonly (readonly [name: string, config: string, flags: readonly string[], host: string])[] = [
  ["region", `[profile app]\nregion = eu-north-1\n${R}${BASE}`, [], "sts.eu-north-1.amazonaws.com"],
  [
    "region, by token",
    `[profile app]\nregion = eu-north-1\n${R}web_identity_token_file = TOKEN\n`,
    [],
    "sts.eu-north-1.amazonaws.com",
  ],
  [
    "region, for a role on top",
    `[profile app]\nregion = eu-north-1\n${K}`,
    [`--role-arn=${ROLE}`],
    "sts.eu-north-1.amazonaws.com",
  ],
  ["endpoint_url", `[profile app]\nendpoint_url = https://sts.own.test\n${R}${BASE}`, [], "sts.own.test"],
  [
    "services",
    `[profile app]\nservices = own\n${R}${BASE}[services own]\nsts =\n  endpoint_url = https://sts.vpce.test\n`,
    [],
    "sts.vpce.test",
  ],
  [
    "use_fips_endpoint",
    `[profile app]\nregion = us-east-1\nuse_fips_endpoint = true\n${R}${BASE}`,
    [],
    "sts-fips.us-east-1.amazonaws.com",
  ],
  [
    "use_dualstack_endpoint",
    `[profile app]\nregion = us-east-1\nuse_dualstack_endpoint = true\n${R}${BASE}`,
    [],
    "sts.us-east-1.api.aws",
  ],
  [
    "sts_regional_endpoints",
    `[profile app]\nregion = eu-west-1\nsts_regional_endpoints = legacy\n${R}${BASE}`,
    [],
    "sts.amazonaws.com",
  ],
];

for (const [name, config, flags, host] of cases) {
  for (const how of ["AWS_PROFILE", "SIDECAR_PROFILES"]) {
    test(`the profile's ${name} by ${how} leads to ${host}`, async (t) => {
      const { home } = useEnvironment(t, how === "AWS_PROFILE" ? { AWS_PROFILE: "app" } : {});
      const token = join(home, "token");
      writeFileSync(token, "fake-web");
      writeShared(home, { config: config.replace("TOKEN", token) + OTHERS });
      const action = config.includes("TOKEN") ? "AssumeRoleWithWebIdentity" : "AssumeRole";
      const session = stsSession();
      const { status = 200, body } = stsAnswer(action, session);
      nock(`https://${host}`).post("/").reply(status, body);
      t.after(() => nock.cleanAll());
      const kind = how === "AWS_PROFILE" ? ["--upstream=profile"] : ["--profiles=app"];
      assert.equal((await fetchOnce(defaultUpstream([...kind, ...flags]))).accessKeyId, session.accessKeyId);
    });
  }
}

test("a profile's role has the sidecar's session name where the profile names none, and the profile's own settings", async (t) => {
  const { home } = useEnvironment(t, { AWS_REGION: "eu-west-1" });
  writeShared(home, { config: `[profile app]\n${R}external_id = fake-id\nduration_seconds = 1800\n${BASE}` });
  const forms: URLSearchParams[] = [];
  const { body } = stsAnswer("AssumeRole", stsSession());
  nock("https://sts.eu-west-1.amazonaws.com")
    .post("/", (form) => forms.push(new URLSearchParams(form)) > 0)
    .reply(200, body);
  t.after(() => nock.cleanAll());
  await fetchOnce(defaultUpstream(["--profiles=app", "--role-session-name=pod-7"]));
  const form = Object.fromEntries(forms.at(-1) ?? []);
  assert.deepEqual([form.RoleSessionName, form.ExternalId, form.DurationSeconds], ["pod-7", "fake-id", "1800"]);
});

for (const [name, content] of [
  ["is not there", undefined],
  ["is longer than 1 MiB", " ".repeat(1_048_577)],
] as const) {
  test(`an AWS_CA_BUNDLE that ${name} is not configured`, async (t) => {
    const { home } = useEnvironment(t, { AWS_PROFILE: "app", AWS_CA_BUNDLE: "unset" });
    process.env.AWS_CA_BUNDLE = join(home, "ca.pem");
    if (content !== undefined) writeFileSync(process.env.AWS_CA_BUNDLE, content);
    writeShared(home, { config: `[profile app]\n${R}${BASE}` });
    const { kind, message } = await failureOf(defaultUpstream(["--upstream=profile"]));
    assert.equal(kind, "not-configured");
    assert.match(message, /AWS_CA_BUNDLE/);
  });
}

for (const path of ["/dev/zero", "/dev/tty", "/tmp"]) {
  test(`a web identity token file that is ${path} is not configured, and is not read`, async (t) => {
    useEnvironment(t, { AWS_REGION: "eu-west-1", AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: path });
    const { kind } = await failureOf(defaultUpstream(["--upstream=web-identity"]));
    assert.equal(kind, "not-configured");
  });
}

test("a web identity token file of more than 16 KiB is not configured", async (t) => {
  const { home } = useEnvironment(t, { AWS_REGION: "eu-west-1", AWS_ROLE_ARN: ROLE });
  process.env.AWS_WEB_IDENTITY_TOKEN_FILE = join(home, "token");
  writeFileSync(join(home, "token"), "x".repeat(16_385));
  assert.equal((await failureOf(defaultUpstream(["--upstream=web-identity"]))).kind, "not-configured");
});
