import assert from "node:assert/strict";
import { test } from "node:test";
import { configWithoutCredentials, regionOf } from "../../../src/commands/exec/profile-settings.ts";
import { parseIni } from "../../../src/upstream/ini.ts";

const section = (text: string) => parseIni(`[x]\n${text}`).get("x") ?? new Map();

/** Each would win over the sidecar in some SDK, or send it elsewhere. */
const aboutCredentials = [
  "aws_access_key_id = x",
  "aws_secret_access_key = x",
  "aws_session_token = x",
  "aws_security_token = x",
  "role_arn = x",
  "role_session_name = x",
  "source_profile = x",
  "credential_source = Ec2InstanceMetadata",
  "credential_process = x",
  "external_id = x",
  "mfa_serial = x",
  "duration_seconds = 900",
  "web_identity_token_file = x",
  "sso_session = x",
  "sso_account_id = x",
  "sso_start_url = x",
  "login_session = x",
];

for (const line of aboutCredentials) {
  test(`leaves out ${line.split(" ")[0]}`, () => {
    const profiles = new Map([["default", section(`region = eu-west-1\n${line}`)]]);
    assert.equal(
      configWithoutCredentials({ profiles, services: new Map() }, "default"),
      "[default]\nregion = eu-west-1\n",
    );
  });
}

test("keeps what a profile says besides, and the services", () => {
  const services = new Map([["local", section("s3 =\n  endpoint_url = http://127.0.0.1:4566")]]);
  const profiles = new Map([
    ["a b", section("region = eu-west-1\noutput = json\nservices = local\nsts_regional_endpoints = regional")],
    ["other", section("region = us-east-1")],
  ]);
  const text = configWithoutCredentials({ profiles, services }, "a b");
  const read = parseIni(text);
  assert.deepEqual([...read.keys()], ["default", 'profile "a b"', 'services "local"']);
  assert.deepEqual(read.get("default"), profiles.get("a b"));
  assert.deepEqual(read.get('profile "a b"'), profiles.get("a b"));
  assert.deepEqual(read.get('services "local"'), services.get("local"));
});

test("gives an empty default profile where there is none", () => {
  assert.equal(configWithoutCredentials({ profiles: new Map(), services: new Map() }, "default"), "[default]\n");
});

test("finds the region of the profile", () => {
  const profiles = new Map([["app", section("region = eu-west-1 # near")]]);
  assert.deepEqual(
    [regionOf({ profiles, services: new Map() }, "app"), regionOf({ profiles, services: new Map() }, "x")],
    ["eu-west-1", undefined],
  );
});
