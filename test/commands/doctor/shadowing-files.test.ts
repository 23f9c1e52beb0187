import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { shadowingFileFindings } from "../../../src/commands/doctor/shadowing-files.ts";
import { temporaryDirectory, type Variables } from "../../support/environment.ts";

const KEYS = "aws_access_key_id = AKIAFAKE000000000001\naws_secret_access_key = fake-secret\n";
const NO_BOTO = "BOTO_CONFIG=/dev/null";

/** The codes and lines that are found in a home directory with these files. */
async function found(t: TestContext, files: Variables, env: Variables = {}) {
  const home = temporaryDirectory(t);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text ?? "");
  }
  const given: Variables = { HOME: home, ...env };
  const findings = await shadowingFileFindings({ env: given, profile: given.AWS_PROFILE });
  assert.doesNotMatch(JSON.stringify(findings), /AKIAFAKE|fake-secret/);
  return findings.map(({ severity, code, line, text }) => {
    assert.equal(severity, "problem");
    return [code, line, text.includes(home)];
  });
}

const cases: readonly (readonly [string, Variables, Variables, readonly (readonly unknown[])[]])[] = [
  ["nothing in an empty home", {}, {}, []],
  [
    "boto 2's keys in the home directory",
    { ".boto": `[Credentials]\n${KEYS}` },
    {},
    [["boto-file-wins", NO_BOTO, true]],
  ],
  ["no keys in another section", { ".boto": `[Boto]\n${KEYS}` }, {}, []],
  [
    "no keys where the variable names an empty file",
    { ".boto": `[Credentials]\n${KEYS}` },
    { BOTO_CONFIG: "/dev/null" },
    [],
  ],
  [
    "boto 2's keys in the file that the variable names",
    { own: `[Credentials]\n${KEYS}` },
    { BOTO_CONFIG: "~/own" },
    [["boto-file-wins", NO_BOTO, true]],
  ],
  ["a file at which botocore fails", { ".boto": "nonsense\n" }, {}, [["boto-file-wins", NO_BOTO, true]]],
  [
    "keys of the default profile",
    { ".aws/credentials": `[default]\n${KEYS}` },
    {},
    [["default-profile-wins", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", true]],
  ],
  [
    "a login of the default profile",
    { ".aws/config": "[default]\nsso_session = corp\n" },
    {},
    [["default-profile-wins", "AWS_CONFIG_FILE=/dev/null", true]],
  ],
  ["no credentials in a profile with a region", { ".aws/config": "[default]\nregion = eu-west-1\n" }, {}, []],
  ["no profile that nobody names", { ".aws/credentials": `[other]\n${KEYS}` }, {}, []],
  [
    "no default profile where another is named",
    { ".aws/credentials": `[default]\n${KEYS}` },
    { AWS_PROFILE: "dev" },
    [],
  ],
];

for (const [name, files, env, expected] of cases) {
  test(`finds ${name}`, async (t) => assert.deepEqual(await found(t, files, env), expected));
}

test("leaves a profile alone that asks the container's URI", async (t) => {
  const files = {
    ".aws/config": "[default]\nrole_arn = arn:aws:iam::123456789012:role/a\ncredential_source = EcsContainer\n",
  };
  assert.deepEqual(await found(t, files), []);
});
