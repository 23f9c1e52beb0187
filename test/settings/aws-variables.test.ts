import assert from "node:assert/strict";
import { test } from "node:test";
import { readAwsVariables, shownVariables } from "../../src/settings/aws-variables.ts";

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

test("shows the variables that are set, and no secret", () => {
  const env = {
    AWS_REGION: "eu-west-1",
    AWS_PROFILE: "",
    AWS_ACCESS_KEY_ID: "AKIAFAKEFAKEFAKEWXYZ",
    AWS_SECRET_ACCESS_KEY: "canary-1",
    AWS_SESSION_TOKEN: "canary-2",
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "canary-3",
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/canary-4?token=canary-4",
    HTTPS_PROXY: "http://canary-5:canary-6@proxy:3128",
    HTTP_PROXY: "canary-7:p@ss@proxy:3128",
    NODE_EXTRA_CA_CERTS: "/etc/ca.pem",
  };
  const shown = Object.fromEntries(shownVariables(readAwsVariables(env)).map(({ name, value }) => [name, value]));
  assert.deepEqual(shown, {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "…WXYZ",
    AWS_SECRET_ACCESS_KEY: "set",
    AWS_SESSION_TOKEN: "set",
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "set",
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/…",
    HTTPS_PROXY: "http://***@proxy:3128",
    HTTP_PROXY: "***@proxy:3128",
    NODE_EXTRA_CA_CERTS: "/etc/ca.pem",
  });
});

for (const [given, shown] of [
  ["http://user:canary@169.254.170.2/canary", "http://169.254.170.2/…"],
  ["http://127.0.0.1:9911", "http://127.0.0.1:9911"],
  ["http://127.0.0.1:9911/?token=canary", "http://127.0.0.1:9911"],
] as const) {
  test(`shows ${shown} of a container endpoint, whose path may be a secret`, () => {
    const [variable] = shownVariables(readAwsVariables({ AWS_CONTAINER_CREDENTIALS_FULL_URI: given }));
    assert.equal(variable?.value, shown);
  });
}

test("shows no path of ECS's agent, which is all that its credentials ask for", () => {
  const [variable] = shownVariables(
    readAwsVariables({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/canary" }),
  );
  assert.equal(variable?.value, "/…");
});
