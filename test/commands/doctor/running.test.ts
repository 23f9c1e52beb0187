import assert from "node:assert/strict";
import { test } from "node:test";
import { runningFindings } from "../../../src/commands/doctor/running.ts";
import { type StatusInput, statusOf } from "../../../src/status/status.ts";
import { HOUR, MINUTE } from "../../../src/time.ts";
import { EPOCH } from "../../support/fake-clock.ts";
import { cachedState, clientSeen, failing, loadingState, statusInput } from "../../support/states.ts";

const whole = { accessKeyId: "ASIAFAKE00000000WXYZ", roleArn: "arn:aws:iam::123456789012:role/app" };

function texts(states: Parameters<typeof statusInput>[0], given: Partial<StatusInput> = {}): readonly string[] {
  return runningFindings(statusOf(statusInput(states, given))).map(({ severity, code, text, remedy, line }) => {
    return [`${severity} ${code}: ${text}`, remedy, line].filter((part) => part !== undefined).join(" | ");
  });
}

test("says of a sidecar without problems what is cached, what that means for clients, and nothing else", () => {
  assert.deepEqual(texts({ default: cachedState(HOUR, whole) }), [
    `ok identity: default: scripted, cached, ${whole.roleArn}, key …WXYZ, expires 2026-01-01T01:00:00Z; next refresh 2026-01-01T00:30:00Z`,
    "ok lifetime: default: lifetime: 1h",
    "ok clients: calm: every client",
  ]);
});

test("measures the sessions by their whole length, not by what is left", () => {
  assert.ok(texts({ default: cachedState(15 * MINUTE) }).includes("ok lifetime: default: lifetime: 15m"));
});

test("judges clients by the minimum lifetime, margin and padding of the running sidecar", () => {
  const found = texts(
    { default: cachedState(15 * MINUTE) },
    {
      settings: { minimumLifetimeMs: 25 * MINUTE, marginMs: MINUTE, padding: false },
    },
  );
  assert.ok(found.some((text) => text.startsWith("advice clients: read at every use") && text.includes("botocore")));
});

test("says of static keys that they do not expire", () => {
  assert.deepEqual(texts({ default: cachedState(undefined, { accessKeyId: "AKIAFAKE00000000WXYZ" }) }), [
    "ok identity: default: scripted, cached, role not known, key …WXYZ, static keys, which do not expire; next refresh 2026-01-01T00:30:00Z",
    "ok lifetime: default: lifetime: static keys, which do not expire",
  ]);
});

test("calls it a problem that there are no credentials yet, for nobody knows whether they will come", () => {
  const found = texts({ default: loadingState });
  assert.match(found[0] ?? "", /^ok identity: default: scripted, loading; next refresh in progress$/);
  assert.match(found[1] ?? "", /^problem starting: default: the first credentials are on their way/);
});

const said = "upstream denied the request (AccessDenied, HTTP 403)";
const troubles = [
  { name: "is cold", state: failing(loadingState, said), code: "cold" },
  { name: "has only expired credentials", state: failing(cachedState(-HOUR), said), code: "expired" },
  { name: "lives through an outage", state: failing(cachedState(HOUR), said), code: "outage" },
];

for (const { name, state, code } of troubles) {
  test(`calls it a problem when the sidecar ${name}, and says why and what to do`, () => {
    const found = texts({ default: state }).find((text) => text.startsWith(`problem ${code}: `));
    assert.ok(found?.includes(said) && found.includes(" | STS: check the role's trust policy"), `found ${found}`);
  });
}

test("says which clients it saw, with which versions, and what a failed read does to them", () => {
  const found = texts({ default: cachedState(HOUR) }, { clients: [clientSeen({ version: "1.43.0" })] });
  assert.ok(
    found.includes(
      "ok client: botocore 1.43.0 (container) is calm; when a read fails, its requests fail until one succeeds",
    ),
    found.join("\n"),
  );
});

test("says once that a client storms, with the line that ends it", () => {
  const now = EPOCH + 10 * MINUTE;
  const client = { name: "botocore", windows: undefined, advisorySeconds: 900 };
  const clients = [clientSeen({ client, reported: { at: now, expiration: now + 510_000 } })];
  const found = texts({ default: cachedState(15 * MINUTE) }, { clients, storming: ["botocore"] });
  const storms = found.filter((text) => text.includes("reads credentials again") || text.includes("client: botocore"));
  assert.equal(storms.length, 1, found.join("\n"));
  assert.match(storms[0] ?? "", /^problem storm: boto3 or the AWS CLI \(botocore\) .* \| SIDECAR_CLIENT=botocore-1$/);
});

test("advises where a client is inside its window without storming", () => {
  const now = EPOCH + 10 * MINUTE;
  const client = { name: "botocore", windows: undefined, advisorySeconds: 900 };
  const clients = [clientSeen({ client, reported: { at: now, expiration: now + 510_000 } })];
  const found = texts({ default: cachedState(15 * MINUTE) }, { clients });
  assert.ok(found.some((text) => /^advice client: botocore .* \| SIDECAR_CLIENT=botocore-1$/.test(text)));
});

test("calls it a problem that requests were refused lately", () => {
  const refusals = [{ reason: "forwarded", total: 3, lately: 2, lastAt: EPOCH }] as const;
  const found = texts({ default: cachedState(HOUR) }, { refusals });
  assert.match(found.at(-1) ?? "", /^problem refusals: 2 requests were refused in the last 5 minutes: .* \| NO_PROXY=/);
});
