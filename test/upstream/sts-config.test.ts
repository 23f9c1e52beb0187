import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIni, type Section } from "../../src/upstream/ini.ts";
import { type StsConfig, stsConfig } from "../../src/upstream/sts-config.ts";

const roleIn = (partition: string) => `arn:${partition}:iam::123456789012:role/app`;

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly role?: string;
  /** The settings of the identity's profile, and the `services` sections behind them. */
  readonly profile?: string;
}

function configFor({ env = {}, role, profile }: Given): StsConfig {
  const sections = parseIni(profile === undefined ? "" : `[profile app]\n${profile}`);
  const services = new Map<string, Section>();
  for (const [header, section] of sections) if (header.startsWith("services ")) services.set(header.slice(9), section);
  return stsConfig({ env, profile: sections.get("profile app"), services, roleArn: role });
}

const region = (name: string, given: Given, expected: string) => ({ name, given, expected: { region: expected } });
const endpoint = (name: string, given: Given, expected: string | undefined) => ({
  name,
  given: { ...given, env: { AWS_REGION: "eu-west-1", ...given.env } },
  expected: { endpoint: expected },
});

const cases: readonly {
  readonly name: string;
  readonly given: Given;
  readonly expected: Partial<StsConfig> | { endpoint: undefined };
}[] = [
  region(
    "AWS_REGION, even for another partition",
    { env: { AWS_REGION: "cn-northwest-1" }, role: roleIn("aws-cn") },
    "cn-northwest-1",
  ),
  region("AWS_DEFAULT_REGION", { env: { AWS_DEFAULT_REGION: "eu-central-1" } }, "eu-central-1"),
  region(
    "AWS_DEFAULT_REGION where AWS_REGION is empty",
    { env: { AWS_REGION: "", AWS_DEFAULT_REGION: "eu-central-1" } },
    "eu-central-1",
  ),
  region("the common region without a role", {}, "us-east-1"),
  region("the common region for a role that is none", { role: "app" }, "us-east-1"),
  region("China for a role there", { role: roleIn("aws-cn") }, "cn-north-1"),
  region("GovCloud for a role there", { role: roleIn("aws-us-gov") }, "us-gov-west-1"),
  region("the European sovereign cloud for a role there", { role: roleIn("aws-eusc") }, "eusc-de-east-1"),
  region("an isolated partition for a role there", { role: roleIn("aws-iso-b") }, "us-isob-east-1"),
  region("the profile's region", { profile: "region = eu-north-1" }, "eu-north-1"),
  region(
    "the profile's region before AWS_REGION",
    { profile: "region = cn-north-1", env: { AWS_REGION: "eu-west-1" } },
    "cn-north-1",
  ),
  region(
    "the profile's region without the comment behind it",
    { profile: "region = eu-north-1 # Stockholm" },
    "eu-north-1",
  ),
  endpoint(
    "AWS_ENDPOINT_URL_STS",
    { env: { AWS_ENDPOINT_URL_STS: "https://one.test", AWS_ENDPOINT_URL: "https://two.test" } },
    "https://one.test",
  ),
  endpoint(
    "AWS_ENDPOINT_URL before the profile",
    { env: { AWS_ENDPOINT_URL: "https://two.test" }, profile: "endpoint_url = https://own.test" },
    "https://two.test",
  ),
  endpoint("the profile's endpoint_url", { profile: "endpoint_url = https://own.test" }, "https://own.test"),
  endpoint(
    "the services section's, before the profile's own",
    {
      profile:
        "services = mine\nendpoint_url = https://own.test\n[services mine]\nsts =\n  endpoint_url = https://sts.test\n",
    },
    "https://sts.test",
  ),
  endpoint(
    "the profile's own where the services section has none for STS",
    {
      profile:
        "services = mine\nendpoint_url = https://own.test\n[services mine]\ns3 =\n  endpoint_url = https://s3.test\n",
    },
    "https://own.test",
  ),
  endpoint(
    "none with AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    { env: { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "TRUE", AWS_ENDPOINT_URL: "https://two.test" } },
    undefined,
  ),
  endpoint(
    "none with ignore_configured_endpoint_urls",
    { profile: "endpoint_url = https://own.test\nignore_configured_endpoint_urls = true" },
    undefined,
  ),
  endpoint(
    "the global one with sts_regional_endpoints = legacy",
    { profile: "sts_regional_endpoints = Legacy" },
    "https://sts.amazonaws.com",
  ),
  endpoint(
    "the global one with AWS_STS_REGIONAL_ENDPOINTS=legacy",
    { env: { AWS_STS_REGIONAL_ENDPOINTS: "legacy" } },
    "https://sts.amazonaws.com",
  ),
  endpoint(
    "none with legacy in a region that never had the global one",
    { env: { AWS_REGION: "af-south-1", AWS_STS_REGIONAL_ENDPOINTS: "legacy" } },
    undefined,
  ),
  endpoint(
    "none with legacy and FIPS",
    { env: { AWS_STS_REGIONAL_ENDPOINTS: "legacy" }, profile: "use_fips_endpoint = True" },
    undefined,
  ),
  {
    name: "the FIPS mode of the profile, in any case",
    given: { profile: "use_fips_endpoint = True" },
    expected: { useFipsEndpoint: true, useDualstackEndpoint: false },
  },
  {
    name: "the dual-stack mode of the profile",
    given: { profile: "use_dualstack_endpoint = true" },
    expected: { useFipsEndpoint: false, useDualstackEndpoint: true },
  },
  {
    name: "the mode of the variable before the profile's",
    given: { env: { AWS_USE_FIPS_ENDPOINT: "FALSE" }, profile: "use_fips_endpoint = true" },
    expected: { useFipsEndpoint: false },
  },
];

for (const { name, given, expected } of cases) {
  test(`STS is asked by ${name}`, () => {
    const config = configFor(given);
    for (const [key, value] of Object.entries(expected)) assert.equal(config[key as keyof StsConfig], value);
  });
}

test("the region of the global endpoint is us-east-1", () => {
  assert.equal(configFor({ profile: "region = eu-west-1\nsts_regional_endpoints = legacy" }).region, "us-east-1");
});

for (const [name, given, message] of [
  ["a region with a line break", { env: { AWS_REGION: "eu-west-1\n" } }, /AWS_REGION/],
  ["a services section that is not there", { profile: "services = gone" }, /services/],
  ["an endpoint that is no URL", { env: { AWS_ENDPOINT_URL_STS: "sts.test" } }, /AWS_ENDPOINT_URL_STS/],
  ["an endpoint of another protocol", { profile: "endpoint_url = ftp://sts.test" }, /endpoint_url/],
  ["a FIPS mode that is none", { profile: "use_fips_endpoint = maybe" }, /use_fips_endpoint/],
  [
    "a mode of regional endpoints that is none",
    { env: { AWS_STS_REGIONAL_ENDPOINTS: "global" } },
    /AWS_STS_REGIONAL_ENDPOINTS/,
  ],
] as const) {
  test(`${name} is not configured, and says so`, () => {
    assert.throws(() => configFor(given), { kind: "not-configured", message });
  });
}
