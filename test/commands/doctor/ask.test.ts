import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { askSidecar, lookAtTokenFiles } from "../../../src/commands/doctor/ask.ts";
import { statusOf } from "../../../src/status/status.ts";
import { temporaryDirectory } from "../../support/environment.ts";
import { closedPort, type FakeAnswer, fakeServer } from "../../support/fake-http.ts";
import { resolved } from "../../support/resolved.ts";
import { cachedState, statusInput } from "../../support/states.ts";
import { mountSecret } from "../../support/token-files.ts";

const admin = (url: string) => resolved([`--admin-listen=${url.replace("http://", "")}`]).settings;
const status = statusOf(statusInput({ default: cachedState(3_600_000) }));

const answers: readonly { readonly name: string; readonly answer: FakeAnswer | "reset"; readonly kind: string }[] = [
  { name: "a running sidecar by its status", answer: { body: JSON.stringify(status) }, kind: "running" },
  { name: "a sidecar that hides its status", answer: { status: 403, body: "{}" }, kind: "hidden" },
  {
    name: "a sidecar of another version, which may tell other things",
    answer: { body: JSON.stringify({ ...status, version: "0.0.1", identities: [{}] }) },
    kind: "strange",
  },
  { name: "another program by its page", answer: { body: "<html>" }, kind: "strange" },
  { name: "another program by its JSON", answer: { body: '{"version":"1"}' }, kind: "strange" },
  { name: "another program by JSON that is no object", answer: { body: "null" }, kind: "strange" },
  { name: "another program by its 404", answer: { status: 404, body: JSON.stringify(status) }, kind: "strange" },
  { name: "a broken connection", answer: "reset", kind: "strange" },
];

for (const { name, answer, kind } of answers) {
  test(`knows ${name}`, async (t) => {
    const { url, requests } = await fakeServer(t, () => answer);
    const reported = await askSidecar(admin(url));
    assert.deepEqual([reported.kind, reported.url], [kind, url]);
    assert.deepEqual(
      requests.map(({ method, path }) => `${method} ${path}`),
      ["GET /status"],
    );
  });
}

test("knows that no sidecar runs when nothing listens", async () => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  assert.deepEqual(await askSidecar(admin(url)), { kind: "none", url });
});

test("knows that no sidecar can be asked when its admin listener is off", async () => {
  assert.deepEqual(await askSidecar(resolved(["--admin-listen=off"]).settings), { kind: "none", url: undefined });
});

test("looks how token files end, each of a directory, and never keeps what is in them", (t) => {
  const folder = temporaryDirectory(t);
  const client = join(folder, "client");
  const mounted = join(folder, "mounted");
  writeFileSync(client, "fake-token\n");
  mkdirSync(mounted);
  mountSecret(mounted, 1, { default: "fake-token", reports: "fake-token\r\n" });
  const env = { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: client };
  const files = lookAtTokenFiles({ env }, resolved([`--auth-token-file=${mounted}`]).settings);
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
    lookAtTokenFiles({ env }, resolved([`--auth-token-file=${path}`]).settings).map(({ state }) => state),
    [{ kind: "unreadable", error: "ENOENT" }],
  );
});

test("looks at no file when none is named", () => {
  assert.deepEqual(lookAtTokenFiles({ env: {} }, resolved().settings), []);
});
