import assert from "node:assert/strict";
import { test } from "node:test";
import { type DiagnosisInput, diagnose, type Probe } from "../../../src/commands/doctor/diagnosis.ts";
import type { Finding } from "../../../src/commands/doctor/finding.ts";
import type { Credentials } from "../../../src/credentials.ts";
import { clients } from "../../../src/policy/clients.ts";
import { MINUTE } from "../../../src/time.ts";
import { failureKinds, UpstreamFailure } from "../../../src/upstream/failure.ts";
import { EPOCH } from "../../support/fake-clock.ts";
import { fakeCredentials } from "../../support/upstreams.ts";

const policy = { marginMs: MINUTE, padding: true, minimumLifetimeMs: 25 * MINUTE };

function findings(probe: Probe, given: Partial<DiagnosisInput> = {}): readonly Finding[] {
  const measured = { configured: {}, sessionDuration: undefined, clockOffsetMs: undefined };
  return diagnose({ identity: "default", upstream: "web-identity", probe, now: EPOCH, policy, ...measured, ...given });
}

function texts(probe: Probe, given: Partial<DiagnosisInput> = {}): readonly string[] {
  return findings(probe, given).map((finding) => `${finding.severity}: ${finding.text}`);
}

function reached(lifetimeMs: number | undefined, given: Partial<Credentials> = {}): Probe {
  const expiration = lifetimeMs === undefined ? undefined : EPOCH + lifetimeMs;
  const credentials = fakeCredentials(expiration, { accessKeyId: "ASIAFAKE00000000WXYZ", ...given });
  return { kind: "reached", credentials, tookMs: 120 };
}

function failed(kind: UpstreamFailure["kind"], upstreamCode?: string): Probe {
  const failure = new UpstreamFailure(kind, "upstream did as it did", { upstreamCode });
  return { kind: "failed", failure, tookMs: 3_000 };
}

test("finds an hour calm for every client", () => {
  const role = "arn:aws:iam::123456789012:role/app";
  assert.deepEqual(texts(reached(60 * MINUTE, { roleArn: role, accountId: "123456789012" })), [
    `ok: default: web-identity answered in 120 ms: ${role}, key …WXYZ, expires 2026-01-01T01:00:00Z`,
    "ok: default: lifetime: 1h",
    "ok: calm: every client",
  ]);
});

test("finds 15 minutes calm for some, calm for others when named, now and then for Java v2, and stormy for the rest", () => {
  const [, lifetime, calm = "", ...more] = texts(reached(15 * MINUTE));
  assert.equal(lifetime, "ok: default: lifetime: 15m");
  assert.match(calm, /^ok: calm: .*\bgo-v1\b/);
  assert.deepEqual(more, [
    "advice: calm when named: java-v1.11, java-v1, botocore-1, dotnet-v3.7.202, s3fs, aiodynamo",
    "ok: read now and then, at most once a minute on average: java-v2",
    "advice: read at every use, from memory: botocore, dotnet-v3, dotnet-v4, s3cmd",
  ]);
});

test("names each client once, whatever the lifetime", () => {
  for (const minutes of [5, 15, 30]) {
    const listed = findings(reached(minutes * MINUTE)).flatMap((finding) =>
      finding.code === "clients" ? (finding.facts.clients as string[]) : [],
    );
    assert.deepEqual(listed.sort(), clients.map(({ name }) => name).sort());
  }
});

test("says what calms the clients that are not", () => {
  const remedies = findings(reached(15 * MINUTE)).map((finding) => finding.remedy);
  assert.equal(remedies.filter((remedy) => remedy?.includes("SIDECAR_CLIENT")).length, 1);
  assert.equal(remedies.filter((remedy) => remedy?.includes("longer sessions")).length, 1);
});

test("calms nobody by a name when padding is off", () => {
  const reported = findings(reached(15 * MINUTE), { policy: { ...policy, padding: false } });
  assert.deepEqual(
    reported.flatMap((finding) => (finding.code === "clients" ? finding.facts.calmness : [])),
    ["calm", "now-and-then", "storms"],
  );
});

/** Of a call that took two seconds. */
const lengths = [
  { name: "a whole minute within the call", left: 3_599_000, length: "1h" },
  { name: "a whole minute at the call's beginning", left: 3_598_000, length: "1h" },
  { name: "a whole minute, less the second that is cut off", left: 3_597_100, length: "1h" },
  { name: "no whole minute where none is near", left: 3_590_500, length: "59m51s" },
];

for (const { name, left, length } of lengths) {
  test(`takes a session for ${name}`, () => {
    const probe = { ...reached(left), tookMs: 2_000 };
    assert.ok(texts(probe).includes(`ok: default: lifetime: ${length}`));
  });
}

test("says of static keys that they do not expire", () => {
  assert.deepEqual(texts(reached(undefined)), [
    "ok: default: web-identity answered in 120 ms: role not known, key …WXYZ, static keys, which do not expire",
    "ok: default: lifetime: static keys, which do not expire",
  ]);
});

test("names the account where the role is not known", () => {
  assert.match(texts(reached(undefined, { accountId: "123456789012" }))[0] ?? "", /: account 123456789012, key/);
});

test("never holds a secret, a token or a whole access key ID", () => {
  const reported = findings(reached(15 * MINUTE, { secretAccessKey: "canary-secret", sessionToken: "canary-token" }));
  assert.doesNotMatch(JSON.stringify(reported) + reported.map((finding) => finding.text).join(), /canary|ASIAFAKE/);
});

/** A word that the remedy for each class of failure cannot do without. */
const remedies = {
  denied: "trust policy",
  clock: "node's clock",
  throttled: "SIDECAR_DURATION",
  unreachable: "HTTPS_PROXY",
  timeout: "hop limit of IMDS",
  malformed: "not an AWS endpoint",
  expired: "clock",
  rejected: "role's ARN",
  unavailable: "keeps trying",
  "not-configured": "AWS_WEB_IDENTITY_TOKEN_FILE",
};

for (const kind of failureKinds) {
  test(`tells what is wrong and what to do when upstream's failure is ${kind}`, () => {
    const [problem, ...more] = findings(failed(kind));
    assert.ok(problem);
    const { text, remedy = "" } = problem;
    assert.deepEqual([problem.severity, problem.code], ["problem", "upstream-failed"]);
    assert.equal(
      text,
      "default: web-identity: upstream did as it did (one attempt, after 3000 ms; a sidecar keeps trying)",
    );
    assert.ok(remedy.includes(remedies[kind]), remedy);
    assert.deepEqual(more, []);
  });
}

const clocks = [
  { name: "is right", offset: 400, severity: "ok", text: "this clock agrees with upstream's (0 s apart)" },
  { name: "is 59 s behind", offset: 59_499, severity: "ok", text: "this clock agrees with upstream's (59 s apart)" },
  { name: "is 59 s ahead", offset: -59_499, severity: "ok", text: "this clock agrees with upstream's (59 s apart)" },
  { name: "is a minute behind", offset: 60_000, severity: "problem", text: "this clock is 60 s behind upstream's" },
  {
    name: "is an hour ahead",
    offset: -3_600_000,
    severity: "problem",
    text: "this clock is 3600 s ahead of upstream's",
  },
];

for (const { name, offset, severity, text } of clocks) {
  test(`${severity === "ok" ? "does not blame" : "blames"} a clock that ${name}, whether upstream gave credentials or not`, () => {
    for (const probe of [reached(60 * MINUTE), failed("denied", "SignatureDoesNotMatch")]) {
      const [, clock] = findings(probe, { clockOffsetMs: offset });
      assert.ok(clock);
      assert.deepEqual([clock.severity, clock.text], [severity, text]);
      assert.equal(clock.remedy?.startsWith("set the node's clock"), severity === "ok" ? undefined : true);
    }
  });
}

test("says nothing of a clock that nothing was compared with", () => {
  assert.ok(findings(reached(60 * MINUTE)).every(({ code }) => code !== "clock" && code !== "clock-skew"));
});

test("tells the longest duration that the role allows, and the line that asks for it", () => {
  const sessionDuration = { askedSeconds: 43_200, allowedSeconds: 14_400, limit: "role" } as const;
  const [, step] = findings(reached(240 * MINUTE), { sessionDuration });
  assert.ok(step);
  const { text, line } = step;
  assert.equal(`${step.severity}: ${text}`, "advice: default: the role allows sessions of 4h, not of 12h");
  assert.equal(line, "SIDECAR_DURATION=4h");
});

test("says that the end of a session without an expiration is unknown, and nothing of clients", () => {
  assert.deepEqual(texts(reached(undefined, { lifetime: { kind: "unknown" } })), [
    "ok: default: web-identity answered in 120 ms: role not known, key …WXYZ, a session whose end is unknown",
    "ok: default: lifetime: a session whose end is unknown",
  ]);
});

test("advises that AWS refuses a key that is not of its form, as an emulator's", () => {
  const [finding, ...more] = findings(reached(undefined, { accessKeyId: "test" })).filter(
    ({ code }) => code === "key-of-another-issuer",
  );
  assert.deepEqual([finding?.severity, more], ["advice", []]);
  assert.match(finding?.remedy ?? "", /AWS_ACCESS_KEY_ID/);
  assert.ok(findings(reached(undefined)).every(({ code }) => code !== "key-of-another-issuer"));
});
