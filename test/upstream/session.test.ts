import assert from "node:assert/strict";
import { test } from "node:test";
import { assumeRoleExtras, sessionOf } from "../../src/upstream/session.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import { resolved } from "../support/resolved.ts";

const names = [
  {
    name: "the setting",
    flags: ["--role-session-name=set"],
    env: { AWS_ROLE_SESSION_NAME: "env" },
    hostname: "pod-1",
    expected: "set",
  },
  { name: "the AWS variable", flags: [], env: { AWS_ROLE_SESSION_NAME: "env" }, hostname: "pod-1", expected: "env" },
  { name: "the host name", flags: [], env: {}, hostname: "payments-7d9f-x2x4q", expected: "payments-7d9f-x2x4q" },
  {
    name: "the host name where the variable is empty",
    flags: [],
    env: { AWS_ROLE_SESSION_NAME: "" },
    hostname: "pod-1",
    expected: "pod-1",
  },
  {
    name: "the host name without what STS refuses",
    flags: [],
    env: {},
    hostname: "my host/é:1",
    expected: "my-host---1",
  },
  { name: "the host name with all that STS takes", flags: [], env: {}, hostname: "A_z0+=,.@-", expected: "A_z0+=,.@-" },
  {
    name: "64 characters of a long host name",
    flags: [],
    env: {},
    hostname: "h".repeat(253),
    expected: "h".repeat(64),
  },
  { name: "a host name of one letter, made longer", flags: [], env: {}, hostname: "h", expected: "h-" },
  { name: "something even without a host name", flags: [], env: {}, hostname: "", expected: "--" },
  {
    name: "the AWS variable without what STS refuses",
    flags: [],
    env: { AWS_ROLE_SESSION_NAME: "a b\nc" },
    hostname: "",
    expected: "a-b-c",
  },
];

for (const { name, flags, env, hostname, expected } of names) {
  test(`calls the session by ${name}`, () => {
    const { RoleSessionName } = sessionOf(resolved(flags).settings, fakeEdge({ env, hostname }), 3_600);
    assert.equal(RoleSessionName, expected);
    assert.match(RoleSessionName, /^[\w+=,.@-]{2,64}$/);
  });
}

test("asks for the duration and nothing that was not set", () => {
  const { settings } = resolved();
  assert.deepEqual(sessionOf(settings, fakeEdge(), 900), { RoleSessionName: "pod-1", DurationSeconds: 900 });
  assert.deepEqual(assumeRoleExtras(settings), {});
});

test("asks for everything that was set, in the words of STS", () => {
  const arns = ["arn:aws:iam::aws:policy/A", "arn:aws:iam::123456789012:policy/B"];
  const { settings } = resolved([
    "--session-policy={}",
    `--session-policy-arns=${arns.join(",")}`,
    "--external-id=id",
    "--source-identity=me",
    "--session-tags=a=b,c=",
    "--transitive-tag-keys=c",
  ]);
  assert.deepEqual(sessionOf(settings, fakeEdge(), 3_600), {
    RoleSessionName: "pod-1",
    DurationSeconds: 3_600,
    Policy: "{}",
    PolicyArns: [{ arn: arns[0] }, { arn: arns[1] }],
  });
  assert.deepEqual(assumeRoleExtras(settings), {
    ExternalId: "id",
    SourceIdentity: "me",
    Tags: [
      { Key: "a", Value: "b" },
      { Key: "c", Value: "" },
    ],
    TransitiveTagKeys: ["c"],
  });
});
