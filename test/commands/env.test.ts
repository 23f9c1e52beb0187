import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { parse } from "yaml";
import { env } from "../../src/commands/env.ts";
import { routeOf } from "../../src/http/routes.ts";
import { exceptionalNames } from "../../src/policy/client-setup.ts";
import { declarableNames, findClient } from "../../src/policy/clients.ts";
import { fakeEdge } from "../support/fake-edge.ts";

const URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

function printed(args: readonly string[], variables: Record<string, string> = {}) {
  const edge = fakeEdge({ env: variables });
  return { code: env(args, edge), out: edge.out.join(""), err: edge.err.join("") };
}

/** The AWS variables that a shell has after it has read the lines. */
function inShell(args: readonly string[], variables: Record<string, string> = {}): Record<string, string> {
  const { out } = printed(args, variables);
  const given = { AWS_PROFILE: "wins", PATH: process.env.PATH, ...variables };
  const lines = execFileSync("sh", ["-c", `${out}\nenv`], { env: given, encoding: "utf8" }).split("\n");
  return Object.fromEntries(lines.filter((line) => line.startsWith("AWS_")).map((line) => line.split(/=(.*)/s)));
}

test("gives a shell the lines for a client, and takes away what wins over them", () => {
  assert.deepEqual(inShell(["boto3"]), { [URI]: "http://127.0.0.1:9911/v1/for/botocore-1/credentials" });
});

test("gives object_store a token file, without which it reads nothing", () => {
  assert.deepEqual(inShell(["polars", "--auth-token-file=/run/a b"]), {
    [URI]: "http://127.0.0.1:9911/v1/for/object-store/credentials",
    [`${TOKEN}_FILE`]: "/run/a b",
  });
  assert.match(printed(["polars"]).out, /^# it reads the URI only with a token file; .+TOKEN_FILE=\/dev\/null\n$/s);
});

test("never prints the token itself", () => {
  const variables = { SIDECAR_AUTH_TOKEN: "canary-not-a-token" };
  for (const place of ["shell", "pod", "compose"]) {
    assert.doesNotMatch(printed(["minio-js", `--for=${place}`], variables).out, /canary/);
  }
  assert.equal(inShell(["minio-js"], variables)[TOKEN], "canary-not-a-token");
});

test("gives a pod and compose YAML", () => {
  const { env: rows } = parse(printed(["java-v1.11", "--for", "pod", "--auth-token-file=/run/token"]).out);
  assert.deepEqual(rows, [
    { name: URI, value: "http://127.0.0.1:9911/v1/for/java-v1.11/credentials" },
    { name: TOKEN, valueFrom: { secretKeyRef: { name: "aws-credential-sidecar-token", key: "token" } } },
  ]);
  const { environment } = parse(printed(["go-v2", "--for=compose", "--listen=:9911", "--auth-token-file=/run/t"]).out);
  assert.deepEqual(environment, {
    [URI]: "http://127.0.0.1:9911/v1/for/go-v2/credentials",
    [`${TOKEN}_FILE`]: "/run/t",
  });
  assert.deepEqual(parse(printed(["s3cmd", "--for=pod"]).out), { env: [] });
});

test("says where the sidecar must listen for clients that know one address", () => {
  for (const [name, address] of [
    ["s3fs", "169.254.170.2:80"],
    ["s3cmd", "169.254.169.254:80"],
    ["nginx-s3-gateway", "169.254.170.23:80"],
  ] as const) {
    assert.ok(printed([name]).out.includes(`SIDECAR_LISTEN=127.0.0.1:9911,${address}\n`), name);
  }
  assert.deepEqual(inShell(["s3fs"]), { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v1/for/s3fs/credentials" });
});

for (const name of declarableNames) {
  test(`has lines for ${name}, with a path that the sidecar serves`, () => {
    const { code, out } = printed([name]);
    assert.equal(code, 0);
    const [, path] = /(?:http:\/\/127\.0\.0\.1:9911|RELATIVE_URI=)(\/\S+)/.exec(out) ?? [];
    if (path !== undefined) assert.equal(routeOf(path, false).kind, "credentials");
    else assert.match(out, /the sidecar must listen there/);
  });
}

test("every exception is a name of the client table", () => {
  for (const name of exceptionalNames) assert.ok(findClient(name), name);
});

const bad = [
  [[], "MissingValue: env needs the name of a client, such as: env boto3\n"],
  [["bto3"], 'BadValue: "bto3" is no client of the table; did you mean boto3?\n'],
  [["boto3", "--for=bash"], 'BadValue: --for: "bash" is not allowed; allowed: shell, pod, compose\n'],
  [["boto3", "--fro=pod"], "UnknownFlag: unknown flag --fro; did you mean --for?\n"],
] as const;

for (const [args, err] of bad) {
  test(`ends with 2 for env ${args.join(" ")}`, () => assert.deepEqual(printed(args), { code: 2, out: "", err }));
}
