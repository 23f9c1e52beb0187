import assert from "node:assert/strict";
import { test } from "node:test";
import { partition } from "@aws-sdk/core/client";
import { partitionOf } from "../../src/partitions.ts";
import { crossCheck } from "../../src/settings/crosscheck.ts";
import { resolved } from "../support/resolved.ts";

const NAME = "SIDECAR_STS_FALLBACK_REGIONS (--sts-fallback-regions)";
const WEB_IDENTITY = {
  AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/app",
  AWS_WEB_IDENTITY_TOKEN_FILE: "/run/token",
  AWS_REGION: "eu-west-1",
};
const CHINA = { ...WEB_IDENTITY, AWS_ROLE_ARN: "arn:aws-cn:iam::123456789012:role/app", AWS_REGION: "cn-north-1" };

interface Case {
  readonly name: string;
  readonly regions: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What follows the setting's name in each problem. */
  readonly problems: readonly string[];
}

const ENDPOINT = "is the one endpoint of STS, which has no other regions; unset one of the two";

const cases: readonly Case[] = [
  { name: "a region of the same partition", regions: "eu-central-1", problems: [] },
  {
    name: "the first region among others, as one list for every cluster has it",
    regions: "eu-west-1,eu-central-1",
    problems: [],
  },
  { name: "another region of China", regions: "cn-northwest-1", env: CHINA, problems: [] },
  {
    name: "a region of China for a role of aws",
    regions: "cn-north-1",
    problems: [": cn-north-1 is in the partition aws-cn, but the role of AWS_ROLE_ARN is in aws"],
  },
  {
    name: "each region of another partition than the chained role's",
    regions: "us-gov-east-1,eu-central-1",
    flags: ["--role-arn=arn:aws-us-gov:iam::123456789012:role/other", "--upstream=assume-role"],
    env: { AWS_REGION: "us-gov-west-1" },
    problems: [
      ": eu-central-1 is in the partition aws, but the role of SIDECAR_ROLE_ARN (--role-arn) is in aws-us-gov",
    ],
  },
  {
    name: "a region of another partition than AWS_REGION, with roles that only profiles name",
    regions: "eu-central-1",
    flags: ["--upstream=profile"],
    env: { AWS_REGION: "us-gov-west-1" },
    problems: [': eu-central-1 is in the partition aws, but AWS_REGION ("us-gov-west-1") is in aws-us-gov'],
  },
  { name: "a region twice", regions: "eu-central-1,eu-central-1", problems: [": eu-central-1 is named twice"] },
  {
    name: "a private endpoint of STS",
    regions: "eu-central-1",
    env: { ...WEB_IDENTITY, AWS_ENDPOINT_URL_STS: "https://vpce-1.sts.eu-west-1.vpce.amazonaws.com" },
    problems: [`: AWS_ENDPOINT_URL_STS ${ENDPOINT}`],
  },
  {
    name: "a private endpoint of every service",
    regions: "eu-central-1",
    env: { ...WEB_IDENTITY, AWS_ENDPOINT_URL: "https://aws.internal.test" },
    problems: [`: AWS_ENDPOINT_URL ${ENDPOINT}`],
  },
  {
    name: "an endpoint that is ignored",
    regions: "eu-central-1",
    env: {
      ...WEB_IDENTITY,
      AWS_ENDPOINT_URL_STS: "https://sts.internal.test",
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
    },
    problems: [],
  },
  {
    name: "the node's role, for which STS is not asked",
    regions: "eu-central-1",
    flags: ["--upstream=imds"],
    problems: [" has no effect without SIDECAR_ROLE_ARN (--role-arn): the upstream imds does not ask STS"],
  },
  {
    name: "a role assumed with the node's",
    regions: "eu-central-1",
    flags: ["--upstream=imds", "--role-arn=arn:aws:iam::123456789012:role/other"],
    problems: [],
  },
];

for (const { name, regions, flags = ["--upstream=web-identity"], env = WEB_IDENTITY, problems } of cases) {
  test(`fallback regions: ${name} ${problems.length === 0 ? "can be asked" : "is refused at start"}`, () => {
    const found = crossCheck(resolved([...flags, `--sts-fallback-regions=${regions}`], env)).problems;
    assert.deepEqual(
      found.map(({ code, message }) => ({ code, message })),
      problems.map((problem) => ({ code: "Conflict", message: `${NAME}${problem}` })),
    );
  });
}

for (const region of [
  ...["eu-west-1", "us-east-1", "mx-central-1", "il-central-1", "cn-northwest-1", "us-gov-east-1", "eusc-de-east-1"],
  ...["us-iso-west-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1", "aws-global", "xx-nowhere-9"],
]) {
  test(`${region} is in the partition that the SDK has it in`, () => {
    const { name } = partition(region) as { readonly name: string };
    assert.equal(partitionOf(region), name);
  });
}
