import assert from "node:assert/strict";
import { test } from "node:test";
import type { Variables } from "../support/environment.ts";
import { defaultUpstream, fetchOnce } from "../support/identities.ts";
import { nockSts, prepareSts, stsActions } from "../support/nock-sts.ts";
import { stsAnswer, stsSession } from "../support/sts-answers.ts";

interface Case {
  readonly partition?: string;
  readonly env: Variables;
  readonly host: string;
}

const none = { AWS_REGION: undefined };
const cases: readonly Case[] = [
  { env: { AWS_REGION: "eu-west-1" }, host: "sts.eu-west-1.amazonaws.com" },
  { env: { ...none, AWS_DEFAULT_REGION: "ap-southeast-2" }, host: "sts.ap-southeast-2.amazonaws.com" },
  { env: { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "us-west-2" }, host: "sts.eu-west-1.amazonaws.com" },
  { env: { AWS_REGION: "", AWS_DEFAULT_REGION: "us-west-2" }, host: "sts.us-west-2.amazonaws.com" },
  { env: { AWS_REGION: "" }, host: "sts.us-east-1.amazonaws.com" },
  { env: none, host: "sts.us-east-1.amazonaws.com" },
  { partition: "aws-cn", env: none, host: "sts.cn-north-1.amazonaws.com.cn" },
  { partition: "aws-us-gov", env: none, host: "sts.us-gov-west-1.amazonaws.com" },
  { partition: "aws-eusc", env: none, host: "sts.eusc-de-east-1.amazonaws.eu" },
  { partition: "aws-iso", env: none, host: "sts.us-iso-east-1.c2s.ic.gov" },
  { partition: "aws-cn", env: { AWS_REGION: "cn-northwest-1" }, host: "sts.cn-northwest-1.amazonaws.com.cn" },
  { env: { AWS_REGION: "us-east-1", AWS_USE_FIPS_ENDPOINT: "true" }, host: "sts-fips.us-east-1.amazonaws.com" },
  { env: { AWS_REGION: "us-east-1", AWS_USE_DUALSTACK_ENDPOINT: "true" }, host: "sts.us-east-1.api.aws" },
  {
    env: { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL_STS: "https://sts.example.test:8443" },
    host: "sts.example.test:8443",
  },
  { env: { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL: "https://sts.every.test" }, host: "sts.every.test" },
];

function titleOf({ partition = "aws", env }: Case): string {
  const set = Object.entries(env).filter(([, value]) => value !== undefined);
  const given = set.map(([name, value]) => `${name}=${value}`).join(" ") || "no variable";
  return `a role of ${partition} with ${given}`;
}

for (const action of stsActions) {
  for (const one of cases) {
    test(`${action} for ${titleOf(one)} goes to ${one.host}`, async (t) => {
      const { flags } = prepareSts(t, action, one.env);
      const calls = nockSts(t, () => stsAnswer(action, stsSession()));
      const arn = `arn:${one.partition ?? "aws"}:iam::123456789012:role/app`;
      const { roleArn } = await fetchOnce(defaultUpstream([...flags, `--role-arn=${arn}`]));
      assert.deepEqual(
        calls.map(({ url }) => url),
        [`https://${one.host}/`],
      );
      assert.equal(roleArn, arn);
    });
  }
}
