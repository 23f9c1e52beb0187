import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRoleArn } from "../src/credentials.ts";

const ROLE = "arn:aws:iam::123456789012:role/app";
const roles = [
  { text: ROLE, parts: ["aws", "123456789012", "app"] },
  { text: "arn:aws-cn:iam::123456789012:role/app", parts: ["aws-cn", "123456789012", "app"] },
  { text: "arn:aws-us-gov:iam::123456789012:role/app", parts: ["aws-us-gov", "123456789012", "app"] },
  { text: "arn:aws:iam::123456789012:role/team/sub/app", parts: ["aws", "123456789012", "app"] },
  { text: "arn:aws:iam::123456789012:role/A_b+=,.@-9", parts: ["aws", "123456789012", "A_b+=,.@-9"] },
];

for (const { text, parts } of roles) {
  test(`reads the parts of ${text}`, () => {
    const [partition, accountId, roleName] = parts;
    assert.deepEqual(parseRoleArn(text), { partition, accountId, roleName });
  });
}

const notRoles = [
  undefined,
  "",
  "app",
  "arn:aws:iam::123456789012:user/app",
  "arn:aws:sts::123456789012:assumed-role/app/session",
  "arn:aws:iam::12345678901:role/app",
  "arn:aws:iam:us-east-1:123456789012:role/app",
  "arn:aws:iam::123456789012:role/",
  "arn:aws:iam::123456789012:role/path/",
  "arn:aws:iam::123456789012:role/app\n",
  " arn:aws:iam::123456789012:role/app",
  "arn:gcp:iam::123456789012:role/app",
];

for (const text of notRoles) {
  test(`sees no role in ${JSON.stringify(text)}`, () => {
    assert.equal(parseRoleArn(text), undefined);
  });
}
