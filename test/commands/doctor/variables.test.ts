import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../../src/commands/doctor/finding.ts";
import { type VariableInput, variableFindings } from "../../../src/commands/doctor/variables.ts";
import { readAwsVariables } from "../../../src/settings/aws-variables.ts";
import { resolved } from "../../support/resolved.ts";

const URI = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:9911/v1/credentials" };
const KEYS = { AWS_ACCESS_KEY_ID: "AKIAFAKE000000000001", AWS_SECRET_ACCESS_KEY: "fake-secret" };
const IRSA = { AWS_WEB_IDENTITY_TOKEN_FILE: "/fake/token", AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/app" };
const PROXY = { HTTP_PROXY: "http://fake-user:fake-password@proxy:3128" };

function findings(
  env: VariableInput["env"],
  given: Partial<VariableInput> = {},
  flags: readonly string[] = [],
): readonly Finding[] {
  const { settings } = resolved(flags);
  return variableFindings({
    env,
    aws: readAwsVariables(env),
    settings,
    whose: "application",
    profileSources: [],
    ...given,
  });
}

interface Case {
  readonly name: string;
  readonly env: VariableInput["env"];
  readonly given?: Partial<VariableInput>;
  readonly flags?: readonly string[];
  /** Severity, code and line of what is found. */
  readonly found: readonly (readonly [severity: string, code: string, line?: string])[];
}

const UNSET_KEYS = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN";
const own = { whose: "own" } as const;
const elsewhere = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials" };

const cases: readonly Case[] = [
  { name: "nothing in an empty environment", env: {}, found: [] },
  { name: "nothing where only the URI is set", env: URI, found: [] },
  {
    name: "keys that shadow the application's URI",
    env: { ...URI, ...KEYS },
    found: [["problem", "keys-shadow-uri", UNSET_KEYS]],
  },
  { name: "no keys where one is empty", env: { ...URI, ...KEYS, AWS_SECRET_ACCESS_KEY: "" }, found: [] },
  { name: "no shadow where nothing else is set", env: KEYS, found: [] },
  {
    name: "keys that shadow the token of the sidecar's own role",
    env: { ...IRSA, ...KEYS },
    given: own,
    found: [["problem", "keys-shadow-uri", UNSET_KEYS]],
  },
  {
    name: "no shadow over an upstream that was named",
    env: { ...IRSA, ...KEYS },
    given: own,
    flags: ["--upstream=web-identity"],
    found: [],
  },
  {
    name: "a relative URI beside the application's",
    env: { ...URI, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/fake" },
    found: [["problem", "relative-uri-wins", "unset AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]],
  },
  {
    name: "a relative URI beside the sidecar's own",
    env: { ...elsewhere, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/fake" },
    given: own,
    flags: ["--upstream=container"],
    found: [["advice", "relative-uri-wins", "unset AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]],
  },
  {
    name: "a web identity beside the application's URI",
    env: { ...URI, ...IRSA },
    found: [["problem", "web-identity-wins", "unset AWS_WEB_IDENTITY_TOKEN_FILE"]],
  },
  {
    name: "localhost in the application's URI",
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://fake:fake@localhost:9911/v1/for/botocore/credentials" },
    found: [
      [
        "problem",
        "localhost-in-uri",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:9911/v1/for/botocore/credentials",
      ],
    ],
  },
  {
    name: "nothing in localhost where it is the sidecar's upstream",
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://localhost:1338/fake" },
    given: own,
    found: [],
  },
  {
    name: "the variable that leads back to the sidecar itself",
    env: URI,
    given: own,
    found: [["problem", "uri-leads-back", "unset AWS_CONTAINER_CREDENTIALS_FULL_URI"]],
  },
  {
    name: "an endpoint of IMDS that leads back",
    env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:9911/" },
    given: own,
    flags: ["--upstream=imds"],
    found: [["problem", "uri-leads-back", "unset AWS_EC2_METADATA_SERVICE_ENDPOINT"]],
  },
  {
    name: "the address of IMDS that leads back, which no variable can undo",
    env: {},
    given: own,
    flags: ["--upstream=imds", "--listen=169.254.169.254:80"],
    found: [["problem", "uri-leads-back"]],
  },
  {
    name: "a proxy without NO_PROXY in the application's variables",
    env: { ...URI, ...PROXY },
    found: [["problem", "proxied", "NO_PROXY=127.0.0.1"]],
  },
  {
    name: "a proxy where NO_PROXY names others only",
    env: { ...URI, http_proxy: "http://proxy:3128", NO_PROXY: "10.0.0.0/8,.svc" },
    found: [["problem", "proxied", "NO_PROXY=10.0.0.0/8,.svc,127.0.0.1"]],
  },
  {
    name: "a proxy where only the other spelling names the sidecar",
    env: { ...URI, ...PROXY, NO_PROXY: "127.0.0.1", no_proxy: ".svc" },
    found: [["problem", "proxied", "no_proxy=.svc,127.0.0.1"]],
  },
  {
    name: "a range, which a few clients only understand",
    env: { ...URI, ...PROXY, NO_PROXY: "127.0.0.0/8" },
    found: [["problem", "proxied", "NO_PROXY=127.0.0.0/8,127.0.0.1"]],
  },
  {
    name: "a proxy that the address of the URI does not bypass",
    env: { ...elsewhere, ...PROXY, NO_PROXY: "127.0.0.1" },
    found: [["problem", "proxied", "NO_PROXY=127.0.0.1,169.254.170.23"]],
  },
  {
    name: "nothing where the proxy is for HTTPS only, which the sidecar does not speak",
    env: { ...URI, HTTPS_PROXY: "http://proxy:3128", https_proxy: "http://proxy:3128" },
    found: [],
  },
  {
    name: "nothing where NO_PROXY names the address",
    env: { ...URI, ...PROXY, NO_PROXY: ".svc, 127.0.0.1" },
    found: [],
  },
  {
    name: "nothing where NO_PROXY names its port too",
    env: { ...URI, ...PROXY, no_proxy: "127.0.0.1:9911" },
    found: [],
  },
  { name: "nothing where NO_PROXY names everything", env: { ...URI, ...PROXY, NO_PROXY: "*" }, found: [] },
  {
    name: "only advice where the proxy is the sidecar's own",
    env: PROXY,
    given: own,
    found: [["advice", "proxied", "NO_PROXY=127.0.0.1"]],
  },
  {
    name: "a profile beside the application's URI",
    env: { ...URI, AWS_PROFILE: "typo" },
    found: [["problem", "profile-wins", "unset AWS_PROFILE"]],
  },
  {
    name: "a profile by its older variable",
    env: { ...URI, AWS_DEFAULT_PROFILE: "app" },
    found: [["problem", "profile-wins", "unset AWS_DEFAULT_PROFILE"]],
  },
  {
    name: "no fault in a profile whose source is the application's URI",
    env: { ...URI, AWS_PROFILE: "app" },
    given: { profileSources: [{ profile: "app", kind: "container", imdsEndpoint: undefined }] },
    found: [],
  },
  { name: "no fault in the profile of the sidecar itself", env: { AWS_PROFILE: "app" }, given: own, found: [] },
  {
    name: "a variable of the container protocol that no SDK reads",
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URL: "http://127.0.0.1:9911/v1/credentials" },
    given: { whose: "running" },
    found: [["problem", "misspelt-variable"]],
  },
];

for (const { name, env, given, flags, found } of cases) {
  test(`finds ${name}`, () => {
    const reported = findings(env, given, flags).filter(({ severity }) => severity !== "ok");
    assert.deepEqual(
      reported.map((finding) => [finding.severity, finding.code, finding.line]),
      found.map(([severity, code, line]) => [severity, code, line]),
    );
    for (const finding of reported) assert.ok(finding.remedy, `${finding.code} has no remedy`);
  });
}

test("finds several at once", () => {
  const env = { ...KEYS, ...PROXY, AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://localhost:9911/v1/credentials" };
  assert.deepEqual(
    findings(env).map(({ code }) => code),
    ["keys-shadow-uri", "localhost-in-uri", "proxied"],
  );
});

test("never shows a key or a proxy's password", () => {
  const found = findings({ ...URI, ...KEYS, ...PROXY });
  assert.equal(found.length, 2);
  assert.doesNotMatch(JSON.stringify(found), /fake-|AKIAFAKE/);
});
