/** Credentials that cannot be used: the remedy names what somebody wrote, and no endpoint that was never asked. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { useEnvironment, writeShared } from "../support/environment.ts";
import { assertTellsNothing, defaultUpstream, failureOf, SAID } from "../support/identities.ts";
import { ROLE, STATIC_KEYS } from "../support/sts-answers.ts";

const ENDED = "2020-01-01T00:00:00Z";
const KEYS = "aws_access_key_id = AKIAFAKEFAKEFAKE0001\naws_secret_access_key = fake-secret\n";
const printed = (document: object) => `credential_process = echo '${JSON.stringify(document)}'\n`;
const process1 = { Version: 1, AccessKeyId: "ASIAFAKEFAKEFAKE0001", SecretAccessKey: "fake-secret" };

for (const [name, config, kind, remedy] of [
  [
    "a quoted secret",
    `aws_access_key_id = AKIAFAKEFAKEFAKE0001\naws_secret_access_key = "${SAID}"\n`,
    "malformed",
    /keys of the profile "default"/,
  ],
  [
    "a program of another version",
    printed({ Version: 2 }),
    "malformed",
    /run credential_process of the profile "default"/,
  ],
  [
    "a program that prints no JSON",
    `credential_process = echo ${SAID}\n`,
    "malformed",
    /run credential_process of the profile "default"/,
  ],
  ["a program without a key", printed({ Version: 1 }), "malformed", /run credential_process of the profile "default"/],
  [
    "a program's session that has ended",
    printed({ ...process1, SessionToken: "fake", Expiration: ENDED }),
    "expired",
    /run credential_process of the profile "default"/,
  ],
  ["a file that opens a section twice", `${KEYS}[default]\n${KEYS}`, "not-configured", /^check \S+\/\.aws\/config$/],
  [
    "services that no section describes",
    `services = own\nrole_arn = ${ROLE}\nsource_profile = base\n[profile base]\n${KEYS}`,
    "not-configured",
    /\[services "own"\]/,
  ],
] as const) {
  test(`the remedy for ${name} names where it is written`, async (t) => {
    const { home } = useEnvironment(t);
    writeShared(home, { config: `[default]\n${config}` });
    const failure = await failureOf(defaultUpstream(["--upstream=profile"]));
    assert.equal(failure.kind, kind);
    assert.match(failure.remedy, remedy);
    assertTellsNothing(failure);
  });
}

for (const [name, variables, kind, remedy] of [
  ["a key with quotes", { AWS_ACCESS_KEY_ID: `"${SAID}"` }, "malformed", /AWS_ACCESS_KEY_ID/],
  [
    "a session that has ended",
    { AWS_SESSION_TOKEN: "fake", AWS_CREDENTIAL_EXPIRATION: ENDED },
    "expired",
    /environment of a running process/,
  ],
] as const) {
  test(`the remedy for ${name} in the environment names the variables`, async (t) => {
    useEnvironment(t, { ...STATIC_KEYS, ...variables });
    const failure = await failureOf(defaultUpstream(["--upstream=environment"]));
    assert.equal(failure.kind, kind);
    assert.match(failure.remedy, remedy);
    assertTellsNothing(failure);
  });
}

test("an empty web identity token is not sent to STS, and its file is named", async (t) => {
  const { home } = useEnvironment(t, { AWS_ROLE_ARN: ROLE });
  const path = join(home, "token");
  process.env.AWS_WEB_IDENTITY_TOKEN_FILE = path;
  writeFileSync(path, "\n");
  const failure = await failureOf(defaultUpstream(["--upstream=web-identity"]));
  assert.equal(failure.kind, "not-configured");
  assert.ok(failure.message.includes(`${path} is empty`) && failure.remedy.includes(path), failure.remedy);
});
