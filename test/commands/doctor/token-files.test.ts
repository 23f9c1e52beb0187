import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  lookAtTokenFiles,
  type TokenFile,
  tokenFindings,
  tokenToSend,
} from "../../../src/commands/doctor/token-files.ts";
import { temporaryDirectory } from "../../support/environment.ts";
import { resolved } from "../../support/resolved.ts";
import { mountSecret } from "../../support/token-files.ts";

test("looks how token files end, each of a directory, and never keeps what is in them", (t) => {
  const folder = temporaryDirectory(t);
  const client = join(folder, "client");
  const mounted = join(folder, "mounted");
  writeFileSync(client, "fake-token\n");
  mkdirSync(mounted);
  mountSecret(mounted, 1, { default: "fake-token", reports: "fake-token\r\n" });
  const env = { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: client };
  const files = lookAtTokenFiles(env, resolved([`--auth-token-file=${mounted}`]).settings);
  assert.deepEqual(files, [
    { variable: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path: client, state: { kind: "newline" } },
    { variable: "SIDECAR_AUTH_TOKEN_FILE", path: join(mounted, "default"), state: { kind: "clean" } },
    { variable: "SIDECAR_AUTH_TOKEN_FILE", path: join(mounted, "reports"), state: { kind: "newline" } },
  ]);
});

test("looks once at a file that both sides name, and tells one that is not there", (t) => {
  const path = join(temporaryDirectory(t), "none");
  const env = { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path };
  assert.deepEqual(
    lookAtTokenFiles(env, resolved([`--auth-token-file=${path}`]).settings).map(({ state }) => state),
    [{ kind: "unreadable", error: "ENOENT" }],
  );
});

test("looks at no file when none is named", () => {
  assert.deepEqual(lookAtTokenFiles({}, resolved().settings), []);
});

test("tells an empty file, and one that is not a regular file", (t) => {
  const folder = temporaryDirectory(t);
  const empty = join(folder, "empty");
  writeFileSync(empty, "");
  const stateOf = (path: string) =>
    lookAtTokenFiles({ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path }, resolved().settings)[0]?.state;
  assert.deepEqual(stateOf(empty), { kind: "empty" });
  assert.deepEqual(stateOf("/dev/null"), { kind: "unreadable", error: "not a regular file" });
});

const VARIABLE = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const file = (state: TokenFile["state"]): TokenFile => ({ variable: `${VARIABLE}_FILE`, path: "/fake/token", state });
const cases: readonly (readonly [
  name: string,
  env: Record<string, string>,
  files: readonly TokenFile[],
  found: readonly (readonly [string, string?])[],
])[] = [
  ["nothing in a clean file", {}, [file({ kind: "clean" })], []],
  ["a newline in a file", {}, [file({ kind: "newline" })], [["token-newline", 'printf %s "$TOKEN" > /fake/token']]],
  ["an empty file", {}, [file({ kind: "empty" })], [["token-file-empty", 'printf %s "$TOKEN" > /fake/token']]],
  ["a file that cannot be read", {}, [file({ kind: "unreadable", error: "ENOENT" })], [["token-file-unreadable"]]],
  [
    "a newline in the variable",
    { [VARIABLE]: "fake-token\n" },
    [],
    [["token-newline", `${VARIABLE}="$(printf %s "$${VARIABLE}")"`]],
  ],
];

for (const [name, env, files, found] of cases) {
  test(`finds ${name}`, () => {
    const findings = tokenFindings(env, files);
    assert.deepEqual(
      findings.map(({ severity, code, line, command }) => [severity, code, line ?? command]),
      found.map(([code, line]) => ["problem", code, line]),
    );
    for (const { code, remedy } of findings) assert.ok(remedy, `${code} has no remedy`);
    assert.doesNotMatch(JSON.stringify(findings), /fake-token/);
  });
}

test("sends the token of the file before that of the variable, as the SDKs do, and none that a header cannot carry", (t) => {
  const path = join(temporaryDirectory(t), "token");
  const both = { [VARIABLE]: "fake-variable", [`${VARIABLE}_FILE`]: path };
  assert.equal(tokenToSend(both), undefined, "the file is missing");
  writeFileSync(path, "fake-file");
  assert.equal(tokenToSend(both), "fake-file");
  assert.equal(tokenToSend({ [VARIABLE]: "fake-variable" }), "fake-variable");
  writeFileSync(path, "fake-file\n");
  assert.equal(tokenToSend(both), undefined);
  assert.equal(tokenToSend({}), undefined);
});
