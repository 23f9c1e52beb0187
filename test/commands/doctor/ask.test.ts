import assert from "node:assert/strict";
import { test } from "node:test";
import { askForHead, askForSession, askSidecar, sidecarFindings } from "../../../src/commands/doctor/ask.ts";
import { systemClock } from "../../../src/edge.ts";
import { statusJson } from "../../../src/status/json.ts";
import { statusOf } from "../../../src/status/status.ts";
import { closedPort, type FakeAnswer, fakeServer } from "../../support/fake-http.ts";
import { resolved } from "../../support/resolved.ts";
import { cachedState, statusInput } from "../../support/states.ts";

const admin = (url: string) => resolved([`--admin-listen=${url.replace("http://", "")}`]).settings;
const status = statusJson(statusOf(statusInput({ default: cachedState(3_600_000) })));

const answers: readonly { readonly name: string; readonly answer: FakeAnswer | "reset"; readonly kind: string }[] = [
  { name: "a running sidecar by its status", answer: { body: JSON.stringify(status) }, kind: "running" },
  { name: "a sidecar that hides its status", answer: { status: 403, body: "{}" }, kind: "hidden" },
  {
    name: "a sidecar of another version, which may tell other things",
    answer: { body: JSON.stringify({ ...status, version: "0.0.1", identities: [{}] }) },
    kind: "unreadable",
  },
  { name: "another program by its page", answer: { body: "<html>" }, kind: "unreadable" },
  { name: "another program by its JSON", answer: { body: '{"version":"1"}' }, kind: "unreadable" },
  { name: "another program by JSON that is no object", answer: { body: "null" }, kind: "unreadable" },
  { name: "another program by its 404", answer: { status: 404, body: JSON.stringify(status) }, kind: "unreadable" },
  { name: "another program by an answer without an end", answer: { body: "x".repeat(9_000_000) }, kind: "unreadable" },
  { name: "a broken connection", answer: "reset", kind: "unreadable" },
];

for (const { name, answer, kind } of answers) {
  test(`knows ${name}`, async (t) => {
    const { url, requests } = await fakeServer(t, () => answer);
    const reported = await askSidecar(admin(url), systemClock);
    assert.deepEqual([reported.kind, reported.url], [kind, url]);
    assert.deepEqual(
      requests.map(({ method, path }) => `${method} ${path}`),
      kind === "hidden" ? ["GET /status", "GET /readyz"] : ["GET /status"],
    );
  });
}

test("knows that no sidecar runs when nothing listens", async () => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  assert.deepEqual(await askSidecar(admin(url), systemClock), { kind: "none", url });
});

test("knows that no sidecar can be asked when its admin listener is off", async () => {
  assert.deepEqual(await askSidecar(resolved(["--admin-listen=off"]).settings, systemClock), {
    kind: "none",
    url: undefined,
  });
});

test("calls it a problem that a sidecar which hides its status is not ready, and that something else has its port", () => {
  const codesOf = (answer: Parameters<typeof sidecarFindings>[0]) =>
    sidecarFindings(answer).map(({ severity, code }) => `${severity} ${code}`);
  const url = "http://127.0.0.1:9912";
  assert.deepEqual(codesOf({ kind: "hidden", url, ready: true }), ["advice status-hidden"]);
  assert.deepEqual(codesOf({ kind: "hidden", url, ready: false }), ["advice status-hidden", "problem not-ready"]);
  assert.deepEqual(codesOf({ kind: "unreadable", url, why: "HTTP 404" }), ["problem status-unreadable"]);
});

test("says which settings it checks when no sidecar is running", () => {
  const [running] = sidecarFindings({ kind: "none", url: "http://127.0.0.1:9912" });
  assert.equal(
    running?.text,
    "No sidecar is running at http://127.0.0.1:9912; checking the settings it would start with, with one attempt at each upstream",
  );
  assert.match(sidecarFindings({ kind: "none", url: undefined })[0]?.text ?? "", /^SIDECAR_ADMIN_LISTEN is off/);
});

test("asks for credentials with HEAD and the token, and for an IMDS session with PUT", async (t) => {
  const { url, requests } = await fakeServer(t, ({ method }) => ({ status: method === "PUT" ? 200 : 401 }));
  assert.deepEqual(await askForHead(new URL(`${url}/v1/credentials`), "fake-token"), { kind: "answered", status: 401 });
  assert.deepEqual(await askForSession(new URL(`${url}/`)), { kind: "answered", status: 200 });
  assert.deepEqual(
    requests.map(({ method, path, headers }) => [method, path, headers.authorization]),
    [
      ["HEAD", "/v1/credentials", "fake-token"],
      ["PUT", "/latest/api/token", undefined],
    ],
  );
});

test("knows an address at which nothing listens", async () => {
  const url = new URL(`http://127.0.0.1:${await closedPort()}/v1/credentials`);
  assert.deepEqual(await askForHead(url, undefined), { kind: "failed", code: "ECONNREFUSED" });
});
