import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientVerdict } from "../../src/status/client-status.ts";
import { statusOf, statusText } from "../../src/status/status.ts";
import type { ClientSeen } from "../../src/telemetry/clients-seen.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { version } from "../../src/version.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { cachedState, clientSeen, failing, loadingState, statusInput } from "../support/states.ts";

const whole = {
  accessKeyId: "ASIAFAKE00000000WXYZ",
  accountId: "123456789012",
  roleArn: "arn:aws:iam::123456789012:role/app",
};

test("tells all that is known of credentials that are held", () => {
  assert.deepEqual(statusOf(statusInput({ default: cachedState(HOUR, whole) })), {
    version,
    now: "2026-01-01T00:10:00Z",
    ready: true,
    settings: { minimumLifetimeSeconds: 1_500, marginSeconds: 60, padding: true },
    clients: [],
    refusals: [],
    drops: [],
    storming: [],
    identities: [
      {
        identity: "default",
        upstream: "scripted",
        state: "cached",
        roleArn: whole.roleArn,
        accountId: whole.accountId,
        accessKeyIdEnding: "WXYZ",
        obtained: "2026-01-01T00:00:00Z",
        expiration: "2026-01-01T01:00:00Z",
        honestExpiration: "2026-01-01T00:59:00Z",
        honestSecondsLeft: 49 * 60,
        nextRefresh: "2026-01-01T00:30:00Z",
        calls: [],
      },
    ],
  });
});

const states = [
  { name: "loading", state: loadingState, expected: "loading", left: undefined },
  { name: "loading after a failure", state: failing(loadingState, "no"), expected: "loading", left: undefined },
  { name: "cached", state: cachedState(HOUR), expected: "cached", left: 49 * 60 },
  { name: "held through an outage", state: failing(cachedState(HOUR), "no"), expected: "cached", left: 49 * 60 },
  { name: "held in the last second", state: cachedState(11 * MINUTE + 1_000), expected: "cached", left: 1 },
  { name: "expired when only the margin is left", state: cachedState(11 * MINUTE), expected: "expired", left: 0 },
  { name: "expired long ago", state: cachedState(-HOUR), expected: "expired", left: -71 * 60 },
  { name: "held without an end", state: cachedState(undefined), expected: "cached", left: 65 * 60 },
];

for (const { name, state, expected, left } of states) {
  test(`knows an identity that is ${name}`, () => {
    const { ready, identities } = statusOf(statusInput({ default: state }));
    assert.equal(ready, expected === "cached");
    assert.deepEqual([identities[0]?.state, identities[0]?.honestSecondsLeft], [expected, left]);
  });
}

test("is ready only when every identity is", () => {
  assert.equal(statusOf(statusInput({ default: cachedState(HOUR), reports: cachedState(HOUR) })).ready, true);
  assert.equal(statusOf(statusInput({ default: cachedState(HOUR), reports: loadingState })).ready, false);
});

test("says of static keys that they have no end", () => {
  assert.equal(
    statusOf(statusInput({ default: cachedState(undefined) })).identities[0]?.expiration,
    "none (static keys)",
  );
});

test("says that the end of a session without an expiration is unknown", () => {
  const state = cachedState(undefined, { lifetime: { kind: "unknown" } });
  assert.equal(statusOf(statusInput({ default: state })).identities[0]?.expiration, "unknown");
});

test("tells a failure by its class and our words", () => {
  const [identity] = statusOf(statusInput({ default: failing(loadingState, "upstream denied it") })).identities;
  assert.deepEqual(identity?.failure, { class: "denied", message: "upstream denied it" });
});

test("never shows a secret, a token or a whole access key ID", () => {
  const state = cachedState(HOUR, { ...whole, secretAccessKey: "canary-secret", sessionToken: "canary-token" });
  const status = statusOf(statusInput({ default: failing(state, "no") }));
  for (const text of [JSON.stringify(status), statusText(status)]) {
    assert.doesNotMatch(text, /canary|ASIAFAKE/);
  }
});

const texts = [
  {
    name: "all well",
    input: statusInput({ default: cachedState(HOUR) }),
    text: "ready\nok: default cached, 2940 s left; next try 2026-01-01T00:30:00Z\n",
  },
  {
    name: "an outage",
    input: statusInput({ default: failing(cachedState(HOUR), "upstream denied it") }),
    text: "ready\nok: default cached, 2940 s left; upstream denied it; next try 2026-01-01T00:05:00Z\n",
  },
  {
    name: "the first attempt",
    input: statusInput({ default: loadingState }),
    text: "not ready\nnot ready: default loading; next try now\n",
  },
  {
    name: "two identities and a storm",
    input: statusInput({ default: cachedState(HOUR), reports: cachedState(11 * MINUTE) }, { storming: ["botocore"] }),
    text:
      "not ready\nok: default cached, 2940 s left; next try 2026-01-01T00:30:00Z\n" +
      "not ready: reports expired, 0 s left; next try 2026-01-01T00:30:00Z\nstorm: botocore reads again and again\n",
  },
];

for (const { name, input, text } of texts) {
  test(`says ${name} in a line per identity`, () => {
    assert.equal(statusText(statusOf(input)), text);
  });
}

test("tells what the clock says now", () => {
  const late = statusInput({ default: cachedState(HOUR) }, { now: EPOCH + 59 * MINUTE - 500 });
  assert.equal(statusOf(late).identities[0]?.honestSecondsLeft, 0);
  assert.equal(statusOf(late).ready, true);
});

test("gives upstream's own code of a failure, when it told one", () => {
  const failure = new UpstreamFailure("denied", "denied", { upstreamCode: "AccessDenied" });
  const [identity] = statusOf(statusInput({ default: { ...loadingState, failure } })).identities;
  assert.deepEqual(identity?.failure, { class: "denied", message: "denied", code: "AccessDenied" });
});

test("tells the upstream calls of each identity", () => {
  const calls = [
    { at: EPOCH + MINUTE, tookMs: 5_000, result: "timeout", message: "too slow" },
    { at: EPOCH, tookMs: 90, result: "refreshed", message: undefined },
  ] as const;
  const identities = new Map([["default", { upstream: "scripted", state: cachedState(HOUR), calls, facts: {} }]]);
  assert.deepEqual(statusOf(statusInput({}, { identities })).identities[0]?.calls, [
    { at: "2026-01-01T00:01:00Z", tookMs: 5_000, result: "timeout", message: "too slow" },
    { at: "2026-01-01T00:00:00Z", tookMs: 90, result: "refreshed" },
  ]);
});

test("tells how far upstream's clock is away, and which duration the role allows, where answers told", () => {
  const facts = { clockOffset: -599_600, steppedDown: { askedS: 43_200, allowedS: 3_600 } };
  const identities = new Map([["default", { upstream: "scripted", state: loadingState, calls: [], facts }]]);
  const [identity] = statusOf(statusInput({}, { identities })).identities;
  assert.equal(identity?.clockOffsetSeconds, -600);
  assert.deepEqual(identity?.durationSteppedDown, { askedSeconds: 43_200, allowedSeconds: 3_600 });
});

test("tells what was refused, how often and when", () => {
  const refusals = [{ reason: "host", total: 9, lately: 2, lastAt: EPOCH }] as const;
  assert.deepEqual(statusOf(statusInput({}, { refusals })).refusals, [
    { reason: "host", total: 9, lately: 2, last: "2026-01-01T00:00:00Z" },
  ]);
});

test("tells who read, what it was told, and its thresholds", () => {
  const [client] = statusOf(statusInput({}, { clients: [clientSeen({ version: "1.43.117" })] })).clients;
  assert.deepEqual(client, {
    identity: "default",
    label: "botocore",
    protocol: "container",
    version: "1.43.117",
    lastRead: "2026-01-01T00:10:00Z",
    reported: { at: "2026-01-01T00:10:00Z", expiration: "2026-01-01T01:09:00Z", secondsLeft: 59 * 60 },
    advisoryWindowSeconds: 900,
    mandatoryWindowSeconds: 600,
    verdict: "calm",
    readsPerMinute: [0, 1],
  });
});

const now = EPOCH + 10 * MINUTE;
const reportedMinutes = (minutes: number) => ({ reported: { at: now, expiration: now + minutes * MINUTE } });
const stranger = { client: { label: "other", windows: undefined, advisorySeconds: undefined } };
const drawing = {
  client: { label: "java-v2", windows: { advisorySeconds: 900, mandatorySeconds: 60 }, advisorySeconds: 900 },
};
const verdicts: readonly (readonly [ClientVerdict, who: string, Partial<ClientSeen>, storming?: string[]])[] = [
  ["calm", "told more than it asks for", reportedMinutes(16)],
  ["inside-window", "told what it asks for", reportedMinutes(15)],
  ["storming", "told that, and reads again and again", reportedMinutes(15), ["botocore"]],
  ["calm", "of a storming label, but told enough", reportedMinutes(59), ["botocore"]],
  ["inside-window", "told less, while another storms", reportedMinutes(15), ["java-v1"]],
  ["nothing", "told nothing", { reported: undefined }],
  ["calm", "drawing its threshold, and told more than the least", { ...drawing, ...reportedMinutes(14) }],
  ["inside-window", "drawing its threshold, and told the least", { ...drawing, ...reportedMinutes(2) }],
  ["calm", "unknown, and told more than anybody asks for", { ...stranger, ...reportedMinutes(21) }],
  ["inside-window", "unknown, and told less than somebody asks for", { ...stranger, ...reportedMinutes(20) }],
];

for (const [verdict, who, given, storming = []] of verdicts) {
  test(`calls a client ${verdict} that is ${who}`, () => {
    const [client] = statusOf(statusInput({}, { clients: [clientSeen(given)], storming })).clients;
    assert.equal(client?.verdict, verdict);
    assert.equal(client.remedy !== undefined, verdict === "inside-window" || verdict === "storming");
  });
}

test("judges a client by what it had left when it read, not by what is left of that now", () => {
  const reported = { at: now - 50 * MINUTE, expiration: now + 9 * MINUTE };
  const [client] = statusOf(statusInput({}, { clients: [clientSeen({ reported })] })).clients;
  assert.equal(client?.verdict, "calm");
});
