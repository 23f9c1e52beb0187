import assert from "node:assert/strict";
import { test } from "node:test";
import { type DiagnosisInput, diagnose, type Probe } from "../../src/commands/diagnosis.ts";
import type { Credentials } from "../../src/credentials.ts";
import { clients } from "../../src/lifetime/clients.ts";
import { type FailureDetails, failureKinds, UpstreamFailure } from "../../src/upstream/failure.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const MINUTE = 60_000;

function findings(probe: Probe, given: Partial<DiagnosisInput> = {}) {
  const policy = { margin: MINUTE, padding: true };
  const input = { identity: "default", upstream: "web-identity", probe, now: EPOCH, floor: 25 * MINUTE, policy };
  return diagnose({ ...input, ...given }).map(({ severity, text }) => `${severity}: ${text}`);
}

function reached(lifetimeMs: number | undefined, given: Partial<Credentials> = {}): Probe {
  const expiration = lifetimeMs === undefined ? undefined : EPOCH + lifetimeMs;
  const credentials = fakeCredentials(expiration, { accessKeyId: "ASIAFAKE00000000WXYZ", ...given });
  return { kind: "reached", credentials, tookMs: 120 };
}

function failed(kind: UpstreamFailure["kind"], details: FailureDetails = {}): Probe {
  return { kind: "failed", failure: new UpstreamFailure(kind, "upstream did as it did", details), tookMs: 3_000 };
}

const everybody = clients.map(({ name }) => name).join(", ");

test("finds an hour calm for every client", () => {
  const role = "arn:aws:iam::123456789012:role/app";
  assert.deepEqual(findings(reached(60 * MINUTE, { roleArn: role, accountId: "123456789012" })), [
    `ok: default: web-identity answered in 120 ms: ${role}, key …WXYZ, expires 2026-01-01T01:00:00Z`,
    `ok: lifetime: 1h; calm: ${everybody}`,
  ]);
});

test("finds 15 minutes calm for some, calm for others when named, and stormy for the rest", () => {
  const [, calm = "", named = "", stormy = "", ...more] = findings(reached(15 * MINUTE));
  assert.match(calm, /^ok: lifetime: 15m; calm: .*\bgo-v1\b/);
  assert.match(
    named,
    /^advice: calm when named \(SIDECAR_CLIENT, or .*\): java-v1\.11, java-v1, botocore, dotnet-v3, s3fs, aiodynamo$/,
  );
  assert.match(stormy, /^advice: read at every request, from memory, .*: java-v2, dotnet-v4, s3cmd$/);
  assert.deepEqual(more, []);
});

test("names each client once, whatever the lifetime", () => {
  for (const minutes of [5, 15, 30, 60]) {
    const listed = findings(reached(minutes * MINUTE))
      .slice(1)
      .flatMap((text) => text.slice(text.lastIndexOf(": ") + 2).split(", "))
      .filter((name) => name !== "");
    assert.deepEqual(listed.sort(), clients.map(({ name }) => name).sort());
  }
});

test("calms nobody by a name when padding is off", () => {
  const told = findings(reached(15 * MINUTE), { policy: { margin: MINUTE, padding: false } });
  assert.equal(told.length, 3);
  assert.match(told[2] ?? "", /^advice: read at every request.*\bbotocore\b/);
});

test("rounds a lifetime up to the second that upstream meant", () => {
  assert.match(findings(reached(60 * MINUTE - 120))[1] ?? "", /^ok: lifetime: 1h;/);
});

test("has nothing to say about the lifetime of static keys", () => {
  assert.deepEqual(findings(reached(undefined)), [
    "ok: default: web-identity answered in 120 ms: role not known, key …WXYZ, static keys, without an end",
    "ok: lifetime: no client is ever near an end",
  ]);
});

test("names the account where the role is not known", () => {
  assert.match(findings(reached(undefined, { accountId: "123456789012" }))[0] ?? "", /: account 123456789012, key/);
});

test("never shows a secret, a token or a whole access key ID", () => {
  const told = findings(reached(15 * MINUTE, { secretAccessKey: "canary-secret", sessionToken: "canary-token" }));
  assert.doesNotMatch(told.join("\n"), /canary|ASIAFAKE/);
});

/** A word that the advice for each class of failure cannot do without. */
const cures = {
  denied: "trust policy",
  throttled: "SIDECAR_DURATION",
  unreachable: "HTTPS_PROXY",
  timeout: "hop limit of IMDS",
  malformed: "not an AWS endpoint",
  expired: "clock",
  rejected: "role's ARN",
  unavailable: "goes on trying",
  "not-configured": "AWS_WEB_IDENTITY_TOKEN_FILE",
};

for (const kind of failureKinds) {
  test(`tells what is wrong and what to do when upstream's failure is ${kind}`, () => {
    const [wrong, advice = "", ...more] = findings(failed(kind));
    assert.equal(wrong, "wrong: default: web-identity: upstream did as it did (after 3000 ms)");
    assert.match(advice, /^advice: /);
    assert.ok(advice.includes(cures[kind]), advice);
    assert.deepEqual(more, []);
  });
}

const clocks = [
  { name: "is not known", offset: undefined, text: undefined },
  { name: "is right", offset: 0, text: undefined },
  { name: "is 59 s behind", offset: 59_499, text: undefined },
  { name: "is 59 s ahead", offset: -59_499, text: undefined },
  { name: "is a minute behind", offset: 60_000, text: "this clock is 60 s behind upstream's; set the node's clock" },
  {
    name: "is an hour ahead",
    offset: -3_600_000,
    text: "this clock is 3600 s ahead of upstream's; set the node's clock",
  },
];

for (const { name, offset, text } of clocks) {
  test(`${text === undefined ? "does not blame" : "blames"} a clock that ${name}`, () => {
    const told = findings(failed("denied", { clockOffset: offset }));
    assert.deepEqual(told.slice(2), text === undefined ? [] : [`wrong: ${text}`]);
  });
}
