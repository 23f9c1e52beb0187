import assert from "node:assert/strict";
import { test } from "node:test";
import { readAwsVariables } from "../../src/settings/aws-variables.ts";

test("carries the name that a value was found under", () => {
  const { region, profile } = readAwsVariables({ AWS_DEFAULT_REGION: "eu-west-1", AWS_PROFILE: "app" });
  assert.deepEqual(region, { name: "AWS_DEFAULT_REGION", value: "eu-west-1" });
  assert.deepEqual(profile, { name: "AWS_PROFILE", value: "app" });
});

test("takes the first name that is set", () => {
  const { region, httpsProxy } = readAwsVariables({
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "us-east-1",
    HTTPS_PROXY: "http://upper:1",
    https_proxy: "http://lower:1",
  });
  assert.equal(region?.name, "AWS_REGION");
  assert.equal(httpsProxy?.value, "http://lower:1");
});

test("counts an empty variable as unset", () => {
  const { region, roleArn } = readAwsVariables({ AWS_REGION: "", AWS_DEFAULT_REGION: "eu-west-1", AWS_ROLE_ARN: "" });
  assert.equal(region?.value, "eu-west-1");
  assert.equal(roleArn, undefined);
});
