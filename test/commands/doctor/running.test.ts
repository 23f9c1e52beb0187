import assert from "node:assert/strict";
import { test } from "node:test";
import { runningFindings } from "../../../src/commands/doctor/running.ts";
import { wordsOf } from "../../../src/commands/doctor/words.ts";
import { type StatusInput, statusOf } from "../../../src/status/status.ts";
import { HOUR, MINUTE } from "../../../src/time.ts";
import { EPOCH } from "../../support/fake-clock.ts";
import { cachedState, clientSeen, failing, loadingState, statusInput } from "../../support/states.ts";

const whole = { accessKeyId: "ASIAFAKE00000000WXYZ", roleArn: "arn:aws:iam::123456789012:role/app" };

function texts(states: Parameters<typeof statusInput>[0], given: Partial<StatusInput> = {}): readonly string[] {
  return runningFindings(statusOf(statusInput(states, given))).map((finding) => {
    const { text, remedy, line } = wordsOf(finding);
    return [`${finding.severity} ${finding.code}: ${text}`, remedy, line]
      .filter((part) => part !== undefined)
      .join(" | ");
  });
}

test("says of a sidecar that is well what it holds, what that means for clients, and nothing else", () => {
  assert.deepEqual(texts({ default: cachedState(HOUR, whole) }), [
    `ok identity: default: scripted, cached, ${whole.roleArn}, key …WXYZ, expires 2026-01-01T01:00:00Z; upstream is asked next 2026-01-01T00:30:00Z`,
    "ok lifetime: default: lifetime: 1h",
    "ok clients: calm: every client",
  ]);
});

test("measures the sessions by their whole length, not by what is left", () => {
  assert.ok(texts({ default: cachedState(15 * MINUTE) }).includes("ok lifetime: default: lifetime: 15m"));
});

test("judges clients by the floor, margin and padding of the running sidecar", () => {
  const found = texts({ default: cachedState(15 * MINUTE) }, { padding: false });
  assert.ok(found.some((text) => text.startsWith("advice clients: read at every use") && text.includes("botocore")));
});

test("says of static keys that no client is near their end", () => {
  assert.deepEqual(texts({ default: cachedState(undefined, { accessKeyId: "AKIAFAKE00000000WXYZ" }) }), [
    "ok identity: default: scripted, cached, role not known, key …WXYZ, static keys, without an end; upstream is asked next 2026-01-01T00:30:00Z",
    "ok lifetime: default: lifetime: no client is ever near an end",
  ]);
});

test("calls nothing wrong while the first credentials are on their way", () => {
  const found = texts({ default: loadingState });
  assert.match(found[0] ?? "", /^ok identity: default: scripted, loading; upstream is asked next now$/);
  assert.match(found[1] ?? "", /^advice starting: default: the first credentials are on their way/);
});

const said = "upstream denied the request (AccessDenied, HTTP 403)";
const troubles = [
  { name: "is cold", state: failing(loadingState, said), code: "cold" },
  { name: "holds what has ended", state: failing(cachedState(-HOUR), said), code: "expired" },
  { name: "lives through an outage", state: failing(cachedState(HOUR), said), code: "outage" },
];

for (const { name, state, code } of troubles) {
  test(`calls it wrong when the sidecar ${name}, and says why and what to do`, () => {
    const found = texts({ default: state }).find((text) => text.startsWith(`wrong ${code}: `));
    assert.ok(found?.includes(said) && found.includes(" | STS: check the role's trust policy"), `found ${found}`);
  });
}

test("says which clients it saw, and with which versions", () => {
  const found = texts({ default: cachedState(HOUR) }, { clients: [clientSeen({ version: "1.43.0" })] });
  assert.ok(found.includes("ok client: botocore 1.43.0 (container) is calm"), found.join("\n"));
});

test("says once that a client storms, with the line that ends it", () => {
  const now = EPOCH + 10 * MINUTE;
  const client = { label: "botocore", windows: undefined, advisorySeconds: 900 };
  const clients = [clientSeen({ client, reported: { at: now, expiration: now + 510_000 } })];
  const found = texts({ default: cachedState(15 * MINUTE) }, { clients, storming: ["botocore"] });
  const storms = found.filter(
    (text) => text.includes("fetches credentials again") || text.includes("client: botocore"),
  );
  assert.equal(storms.length, 1, found.join("\n"));
  assert.match(storms[0] ?? "", /^wrong storm: botocore .* \| SIDECAR_CLIENT=botocore-1$/);
});

test("advises where a client is inside its window without storming", () => {
  const now = EPOCH + 10 * MINUTE;
  const client = { label: "botocore", windows: undefined, advisorySeconds: 900 };
  const clients = [clientSeen({ client, reported: { at: now, expiration: now + 510_000 } })];
  const found = texts({ default: cachedState(15 * MINUTE) }, { clients });
  assert.ok(found.some((text) => /^advice client: botocore .* \| SIDECAR_CLIENT=botocore-1$/.test(text)));
});

test("calls it wrong that requests were refused lately", () => {
  const refusals = [{ reason: "forwarded", total: 3, lately: 2, lastAt: EPOCH }] as const;
  const found = texts({ default: cachedState(HOUR) }, { refusals });
  assert.match(found.at(-1) ?? "", /^wrong refusals: 2 requests were refused lately: .* \| NO_PROXY=/);
});
