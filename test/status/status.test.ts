import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientState } from "../../src/status/client-status.ts";
import { statusJson } from "../../src/status/json.ts";
import { statusOf, statusText } from "../../src/status/status.ts";
import type { ClientSeen } from "../../src/telemetry/clients-seen.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { version } from "../../src/version.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { cachedState, clientSeen, failing, loadingState, statusInput } from "../support/states.ts";

const whole = {
  accessKeyId: "ASIAFAKE00000000WXYZ",
  accountId: "123456789012",
  roleArn: "arn:aws:iam::123456789012:role/app",
};

test("has what is known of cached credentials, of the pod and of the settings", () => {
  const { identities, ...status } = statusOf(statusInput({ default: cachedState(HOUR, whole) }));
  assert.deepEqual(status, {
    version,
    hostname: "pod-1",
    startedAt: EPOCH - MINUTE,
    now: EPOCH + 10 * MINUTE,
    ready: true,
    credentialsAt: ["127.0.0.1:9911"],
    settings: { minimumLifetimeMs: 25 * MINUTE, marginMs: MINUTE, padding: true },
    clients: [],
    refusals: [],
    drops: [],
    storming: [],
    stateFile: undefined,
  });
  assert.deepEqual(identities, [
    {
      identity: "default",
      servedAs: ["default"],
      upstream: "scripted",
      configured: {},
      state: "cached",
      cached: {
        roleArn: whole.roleArn,
        accountId: whole.accountId,
        sts: undefined,
        accessKeyIdEnding: "WXYZ",
        obtainedAt: EPOCH,
        lifetime: { kind: "until", expiration: EPOCH + HOUR },
        honestExpiration: EPOCH + 59 * MINUTE,
      },
      nextRefreshAt: EPOCH + 30 * MINUTE,
      failure: undefined,
      outage: undefined,
      facts: {},
      calls: [],
    },
  ]);
});

const states = [
  { name: "loading", state: loadingState, expected: "loading", left: undefined },
  { name: "loading after a failure", state: failing(loadingState, "no"), expected: "loading", left: undefined },
  { name: "cached", state: cachedState(HOUR), expected: "cached", left: 49 * 60 },
  { name: "cached through an outage", state: failing(cachedState(HOUR), "no"), expected: "cached", left: 49 * 60 },
  { name: "cached in the last second", state: cachedState(11 * MINUTE + 1_000), expected: "cached", left: 1 },
  { name: "expired when only the margin is left", state: cachedState(11 * MINUTE), expected: "expired", left: 0 },
  { name: "expired long ago", state: cachedState(-HOUR), expected: "expired", left: -71 * 60 },
  { name: "cached without an end", state: cachedState(undefined), expected: "cached", left: 65 * 60 },
];

for (const { name, state, expected, left } of states) {
  test(`knows an identity that is ${name}`, () => {
    const { now, ready, identities } = statusOf(statusInput({ default: state }));
    assert.equal(ready, expected === "cached");
    const [{ state: shown, cached } = assert.fail()] = identities;
    assert.deepEqual([shown, cached && (cached.honestExpiration - now) / SECOND], [expected, left]);
  });
}

test("is ready only when every identity is", () => {
  assert.equal(statusOf(statusInput({ default: cachedState(HOUR), reports: cachedState(HOUR) })).ready, true);
  assert.equal(statusOf(statusInput({ default: cachedState(HOUR), reports: loadingState })).ready, false);
});

test("knows static keys by their lifetime", () => {
  const [{ cached } = assert.fail()] = statusOf(statusInput({ default: cachedState(undefined) })).identities;
  assert.equal(cached?.lifetime.kind, "unlimited");
});

test("never shows a secret, a token or a whole access key ID", () => {
  const state = cachedState(HOUR, { ...whole, secretAccessKey: "canary-secret", sessionToken: "canary-token" });
  const status = statusOf(statusInput({ default: failing(state, "no") }));
  for (const text of [JSON.stringify(statusJson(status)), statusText(status)]) {
    assert.doesNotMatch(text, /canary|ASIAFAKE/);
  }
});

const texts = [
  {
    name: "no problem",
    input: statusInput({ default: cachedState(HOUR) }),
    text: "ready\nok: default cached, 2940 s left; next refresh 2026-01-01T00:30:00Z\n",
  },
  {
    name: "an outage",
    input: statusInput({ default: failing(cachedState(HOUR), "upstream denied it") }),
    text: "ready\nok: default cached, 2940 s left; upstream denied it; next refresh 2026-01-01T00:05:00Z\n",
  },
  {
    name: "the first attempt",
    input: statusInput({ default: loadingState }),
    text: "not ready\nnot ready: default loading; next refresh in progress\n",
  },
  {
    name: "two identities and a storm",
    input: statusInput({ default: cachedState(HOUR), reports: cachedState(11 * MINUTE) }, { storming: ["botocore"] }),
    text:
      "not ready\nok: default cached, 2940 s left; next refresh 2026-01-01T00:30:00Z\n" +
      "not ready: reports expired, 0 s left; next refresh 2026-01-01T00:30:00Z\nrefresh storm: botocore reads at every use\n",
  },
];

for (const { name, input, text } of texts) {
  test(`says ${name} in a line per identity`, () => {
    assert.equal(statusText(statusOf(input)), text);
  });
}

test("is ready until the last second of the honest lifetime", () => {
  const late = (beforeEndMs: number) =>
    statusOf(statusInput({ default: cachedState(HOUR) }, { now: EPOCH + 59 * MINUTE - beforeEndMs })).ready;
  assert.deepEqual([late(500), late(0)], [true, false]);
});

test("has upstream's own code of a failure when it told one, and the remedy", () => {
  const failure = new UpstreamFailure("denied", "denied", { upstreamCode: "InvalidIdentityToken" });
  const [{ failure: shown } = assert.fail()] = statusOf(
    statusInput({ default: { ...loadingState, failure } }),
  ).identities;
  assert.deepEqual([shown?.kind, shown?.message, shown?.upstreamCode], ["denied", "denied", "InvalidIdentityToken"]);
  assert.match(shown?.remedy ?? "", /sts\.amazonaws\.com.* client IDs/);
});

const now = EPOCH + 10 * MINUTE;
const reportedMinutes = (minutes: number) => ({ reported: { at: now, expiration: now + minutes * MINUTE } });
const stranger = { client: { name: "other", windows: undefined, advisorySeconds: undefined } };
const drawing = {
  client: { name: "java-v2", windows: { advisorySeconds: 900, mandatorySeconds: 60 }, advisorySeconds: 900 },
};
const clientStates: readonly (readonly [ClientState, who: string, Partial<ClientSeen>, storming?: string[]])[] = [
  ["calm", "given more than its window", reportedMinutes(16)],
  ["inside-window", "given no more than its window", reportedMinutes(15)],
  ["storming", "given that, and reads again and again", reportedMinutes(15), ["botocore"]],
  ["calm", "of a storming client, but given enough", reportedMinutes(59), ["botocore"]],
  ["inside-window", "given less, while another storms", reportedMinutes(15), ["java-v1"]],
  ["nothing", "given nothing", { reported: undefined }],
  ["calm", "drawing its threshold, and given more than the least", { ...drawing, ...reportedMinutes(14) }],
  ["inside-window", "drawing its threshold, and given the least", { ...drawing, ...reportedMinutes(2) }],
  ["calm", "unrecognised, and given more than any window", { ...stranger, ...reportedMinutes(21) }],
  ["inside-window", "unrecognised, and given less than some window", { ...stranger, ...reportedMinutes(20) }],
];

for (const [state, who, given, storming = []] of clientStates) {
  test(`calls a client ${state} that is ${who}`, () => {
    const [client] = statusOf(statusInput({}, { clients: [clientSeen(given)], storming })).clients;
    assert.equal(client?.state, state);
    assert.equal(client.remedy !== undefined, state === "inside-window" || state === "storming");
  });
}

test("judges a client by what it had left when it read, not by what is left of that now", () => {
  const reported = { at: now - 50 * MINUTE, expiration: now + 9 * MINUTE };
  const [client] = statusOf(statusInput({}, { clients: [clientSeen({ reported })] })).clients;
  assert.equal(client?.state, "calm");
});
