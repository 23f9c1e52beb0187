import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChildInput, childEnvironment } from "../../../src/commands/exec/environment.ts";

const input: ChildInput = {
  env: { PATH: "/bin" },
  address: "127.0.0.1:1234",
  token: "fake-token",
  files: { tokenFile: "/t/token", configFile: "/t/config", credentialsFile: "/t/credentials" },
  imds: "off",
  region: undefined,
};
const envOf = (given: Partial<ChildInput>) => childEnvironment({ ...input, ...given }).env;

test("adds what leads to the sidecar, and keeps the rest", () => {
  assert.deepEqual(childEnvironment(input), {
    env: {
      PATH: "/bin",
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1234/v1/credentials",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "fake-token",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/t/token",
      AWS_CONFIG_FILE: "/t/config",
      AWS_SHARED_CREDENTIALS_FILE: "/t/credentials",
      BOTO_CONFIG: "/t/credentials",
      AWS_CREDENTIAL_PROFILES_FILE: "/t/credentials",
    },
    removed: [],
  });
});

test("removes what wins over the sidecar in some SDK, and names it", () => {
  const env = {
    AWS_PROFILE: "x",
    AWS_SESSION_TOKEN: "",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/t",
    AWS_ENDPOINT_URL: "http://x",
  };
  const child = childEnvironment({ ...input, env });
  assert.deepEqual(child.removed, ["AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"]);
  for (const name of [...child.removed, "AWS_SESSION_TOKEN"]) assert.equal(name in child.env, false, name);
  assert.equal(child.env.AWS_ENDPOINT_URL, "http://x");
});

test("replaces the variables of another sidecar without a word", () => {
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:9911/x",
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "other",
  };
  const child = childEnvironment({ ...input, env, token: undefined });
  assert.deepEqual(child.removed, []);
  assert.equal(child.env.AWS_CONTAINER_CREDENTIALS_FULL_URI, "http://127.0.0.1:1234/v1/credentials");
  assert.equal(child.env.AWS_CONTAINER_AUTHORIZATION_TOKEN, undefined);
});

test("gives the profile's region, unless a variable names one", () => {
  const region = "eu-west-1";
  const regions = (env: Record<string, string>) => {
    const { AWS_REGION, AWS_DEFAULT_REGION } = envOf({ env, region });
    return [AWS_REGION, AWS_DEFAULT_REGION];
  };
  assert.deepEqual(regions({}), [region, region]);
  assert.deepEqual(regions({ AWS_REGION: "us-east-1" }), ["us-east-1", undefined]);
  assert.deepEqual(regions({ AWS_DEFAULT_REGION: "us-east-1" }), [undefined, "us-east-1"]);
});

test("leads IMDS to the sidecar where the sidecar serves it", () => {
  const { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint, AWS_EC2_METADATA_DISABLED: disabled } = envOf({
    imds: "v2",
    env: { AWS_EC2_METADATA_DISABLED: "true" },
  });
  assert.deepEqual([endpoint, disabled], ["http://127.0.0.1:1234/", "false"]);
});

const proxies = [
  [{}, {}],
  [{ HTTP_PROXY: "http://p" }, { NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" }],
  [{ http_proxy: "http://p", no_proxy: "x" }, { no_proxy: "x,127.0.0.1" }],
  [
    { ALL_PROXY: "http://p", NO_PROXY: "a", no_proxy: "127.0.0.1" },
    { NO_PROXY: "a,127.0.0.1", no_proxy: "127.0.0.1" },
  ],
  [{ HTTP_PROXY: "http://p", NO_PROXY: "*" }, { NO_PROXY: "*" }],
  [{ HTTPS_PROXY: "http://p" }, {}],
] as const;

for (const [env, expected] of proxies) {
  test(`keeps proxies away from the sidecar: ${JSON.stringify(env)}`, () => {
    const { NO_PROXY, no_proxy } = envOf({ env });
    assert.deepEqual({ ...(NO_PROXY && { NO_PROXY }), ...(no_proxy && { no_proxy }) }, expected);
  });
}
