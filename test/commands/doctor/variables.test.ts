import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../../src/commands/doctor/finding.ts";
import { type TokenFile, type VariableInput, variableFindings } from "../../../src/commands/doctor/variables.ts";
import { wordsOf } from "../../../src/commands/doctor/words.ts";
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
  return variableFindings({ env, settings: resolved(flags).settings, running: true, tokenFiles: [], ...given });
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
const own = { running: false };
const elsewhere = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials" };

const cases: readonly Case[] = [
  { name: "nothing in an empty environment", env: {}, found: [] },
  { name: "nothing where only the URI is set", env: URI, found: [] },
  {
    name: "keys that shadow the application's URI",
    env: { ...URI, ...KEYS },
    found: [["wrong", "keys-shadow-uri", UNSET_KEYS]],
  },
  { name: "no keys where one is empty", env: { ...URI, ...KEYS, AWS_SECRET_ACCESS_KEY: "" }, found: [] },
  { name: "no shadow where nothing else is set", env: KEYS, found: [] },
  {
    name: "keys that shadow the token of the sidecar's own role",
    env: { ...IRSA, ...KEYS },
    given: own,
    found: [["advice", "keys-shadow-uri", UNSET_KEYS]],
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
    found: [["wrong", "relative-uri-wins", "unset AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]],
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
    found: [["wrong", "web-identity-wins", "unset AWS_WEB_IDENTITY_TOKEN_FILE"]],
  },
  {
    name: "localhost in the application's URI",
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://fake:fake@localhost:9911/v1/for/botocore/credentials" },
    found: [
      [
        "wrong",
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
    found: [["wrong", "uri-leads-back", "unset AWS_CONTAINER_CREDENTIALS_FULL_URI"]],
  },
  {
    name: "an endpoint of IMDS that leads back",
    env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:9911/" },
    given: own,
    flags: ["--upstream=imds"],
    found: [["wrong", "uri-leads-back", "unset AWS_EC2_METADATA_SERVICE_ENDPOINT"]],
  },
  {
    name: "the address of IMDS that leads back, which no variable can undo",
    env: {},
    given: own,
    flags: ["--upstream=imds", "--listen=169.254.169.254:80"],
    found: [["wrong", "uri-leads-back"]],
  },
  {
    name: "a proxy without NO_PROXY in the application's variables",
    env: { ...URI, ...PROXY },
    found: [["wrong", "proxied", "NO_PROXY=127.0.0.1"]],
  },
  {
    name: "a proxy where NO_PROXY names others only",
    env: { ...URI, http_proxy: "http://proxy:3128", NO_PROXY: "10.0.0.0/8,.svc" },
    found: [["wrong", "proxied", "NO_PROXY=10.0.0.0/8,.svc,127.0.0.1"]],
  },
  {
    name: "a proxy where only the other spelling names the sidecar",
    env: { ...URI, ...PROXY, NO_PROXY: "127.0.0.1", no_proxy: ".svc" },
    found: [["wrong", "proxied", "no_proxy=.svc,127.0.0.1"]],
  },
  {
    name: "a range, which a few clients only understand",
    env: { ...URI, ...PROXY, NO_PROXY: "127.0.0.0/8" },
    found: [["wrong", "proxied", "NO_PROXY=127.0.0.0/8,127.0.0.1"]],
  },
  {
    name: "a proxy that the address of the URI does not bypass",
    env: { ...elsewhere, ...PROXY, NO_PROXY: "127.0.0.1" },
    found: [["wrong", "proxied", "NO_PROXY=127.0.0.1,169.254.170.23"]],
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
    name: "a doubt only where the proxy is the sidecar's own",
    env: PROXY,
    given: own,
    found: [["advice", "proxied", "NO_PROXY=127.0.0.1"]],
  },
  {
    name: "a newline in the token's variable",
    env: { AWS_CONTAINER_AUTHORIZATION_TOKEN: "fake-token\n" },
    found: [
      [
        "wrong",
        "token-newline",
        'AWS_CONTAINER_AUTHORIZATION_TOKEN="$(printf %s "$AWS_CONTAINER_AUTHORIZATION_TOKEN")"',
      ],
    ],
  },
  {
    name: "a newline in the token file",
    env: {},
    given: { tokenFiles: [file({ kind: "newline" })] },
    found: [["wrong", "token-newline", 'printf %s "$TOKEN" > /fake/token']],
  },
  {
    name: "a token file that cannot be read",
    env: {},
    given: { tokenFiles: [file({ kind: "unreadable", error: "ENOENT" })] },
    found: [["wrong", "token-file-unreadable"]],
  },
  { name: "nothing in a clean token file", env: {}, given: { tokenFiles: [file({ kind: "clean" })] }, found: [] },
];

function file(state: TokenFile["state"]): TokenFile {
  return { variable: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path: "/fake/token", state };
}

for (const { name, env, given, flags, found } of cases) {
  test(`finds ${name}`, () => {
    const reported = findings(env, given, flags).filter(({ severity }) => severity !== "ok");
    assert.deepEqual(
      reported.map((finding) => [finding.severity, finding.code, wordsOf(finding).line]),
      found.map(([severity, code, line]) => [severity, code, line]),
    );
    for (const finding of reported) assert.ok(wordsOf(finding).remedy, `${finding.code} has no cure`);
  });
}

test("finds several traps at once", () => {
  const env = { ...KEYS, ...PROXY, AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://localhost:9911/v1/credentials" };
  assert.deepEqual(
    findings(env).map(({ code }) => code),
    ["application-variables", "keys-shadow-uri", "localhost-in-uri", "proxied"],
  );
});

test("never holds a key, a token or a proxy's password", () => {
  const env = { ...URI, ...KEYS, ...PROXY, AWS_CONTAINER_AUTHORIZATION_TOKEN: "fake-token\n" };
  const reported = findings(env);
  assert.equal(reported.length, 4);
  assert.doesNotMatch(
    JSON.stringify(reported.map((finding) => ({ ...finding, ...wordsOf(finding) }))),
    /fake-|AKIAFAKE/,
  );
});

const uris = [
  { uri: "http://127.0.0.1:9911/v1/credentials", running: true, application: true },
  { uri: "http://127.0.0.1:8080/v1/for/botocore/credentials/reports", running: true, application: true },
  { uri: "http://127.0.0.1:9911/v1/credentials", running: false, application: false },
  { uri: "http://169.254.170.2/v2/credentials/fake", running: true, application: false },
  { uri: "no URI", running: true, application: false },
  { uri: "", running: true, application: false },
];

for (const { uri, running, application } of uris) {
  test(`takes variables ${application ? "for" : "not for"} an application's where ${running ? "a" : "no"} sidecar runs and the URI is ${JSON.stringify(uri)}`, () => {
    const codes = findings({ AWS_CONTAINER_CREDENTIALS_FULL_URI: uri }, { running }).map(({ code }) => code);
    assert.equal(codes.includes("application-variables"), application);
  });
}
