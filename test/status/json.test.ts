/** The JSON of `/status`, whose keys and formats programs rely on, and what `doctor` reads from it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { statusJson } from "../../src/status/json.ts";
import { parseStatus } from "../../src/status/parse-status.ts";
import { type StatusInput, statusOf } from "../../src/status/status.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { version } from "../../src/version.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { cachedState, clientSeen, failing, identityInput, loadingState, statusInput } from "../support/states.ts";

const written = (input: StatusInput) => JSON.parse(JSON.stringify(statusJson(statusOf(input))));

const sessionDuration = { askedSeconds: 43_200, allowedSeconds: 7_200, limit: "role", refusedSeconds: 18_000 } as const;

/** Everything that a status can say. */
function fullInput(): StatusInput {
  const cache = failing(cachedState(HOUR, { roleArn: "arn:aws:iam::123456789012:role/app" }), "timed out", "timeout");
  const identity = identityInput("default", cache, {
    servedAs: ["default", "app"],
    configured: { roleArn: "arn:aws:iam::123456789012:role/app", stsHost: "sts.eu-west-1.amazonaws.com" },
    outage: { since: EPOCH + 5 * MINUTE, attempts: 3, firstMessage: "unreachable" },
    facts: { clockOffsetMs: -600_000, sessionDuration },
    calls: [
      {
        times: 3,
        firstAt: EPOCH + 5 * MINUTE,
        at: EPOCH + 6 * MINUTE,
        tookMs: 5_000,
        result: "timeout",
        message: "timed out",
      },
      { times: 1, firstAt: EPOCH, at: EPOCH, tookMs: 90, result: "refreshed", message: undefined, forced: true },
    ],
  });
  const stranger = { name: "other", windows: undefined, advisorySeconds: undefined };
  const reported = { at: EPOCH + 10 * MINUTE, expiration: EPOCH + 15 * MINUTE };
  return statusInput(
    {},
    {
      identities: [identity, identityInput("reports", loadingState)],
      clients: [clientSeen({ version: "1.43.117" }), clientSeen({ client: stranger, reported, lastReadServed: false })],
      refusals: [{ reason: "host", total: 9, lately: 2, lastAt: EPOCH }],
      drops: [{ reason: "full", total: 1, lately: 0, lastAt: EPOCH }],
      storming: ["other"],
      stateFile: { path: "/run/state/private/state.json", fault: "cannot be used (EROFS)" },
    },
  );
}

test("writes times and durations with their units, and leaves out what is not known", () => {
  const { identities, clients, problems: _, ...document } = written(fullInput());
  assert.deepEqual(document, {
    version,
    hostname: "pod-1",
    started: "2025-12-31T23:59:00Z",
    now: "2026-01-01T00:10:00Z",
    ready: false,
    credentialsAt: ["127.0.0.1:9911"],
    settings: { minimumLifetimeSeconds: 1_500, marginSeconds: 60, padding: true },
    refusals: [{ reason: "host", total: 9, lately: 2, last: "2026-01-01T00:00:00Z" }],
    drops: [{ reason: "full", total: 1, lately: 0, last: "2026-01-01T00:00:00Z" }],
    storming: ["other"],
    stateFile: { path: "/run/state/private/state.json", fault: "cannot be used (EROFS)" },
  });
  const [{ failure, ...identity }, loading] = identities;
  assert.deepEqual(identity, {
    identity: "default",
    servedAs: ["default", "app"],
    upstream: "scripted",
    configured: { roleArn: "arn:aws:iam::123456789012:role/app", stsHost: "sts.eu-west-1.amazonaws.com" },
    state: "cached",
    roleArn: "arn:aws:iam::123456789012:role/app",
    accessKeyIdEnding: identity.accessKeyIdEnding,
    obtained: "2026-01-01T00:00:00Z",
    lifetime: "until",
    expiration: "2026-01-01T01:00:00Z",
    honestExpiration: "2026-01-01T00:59:00Z",
    honestSecondsLeft: 49 * 60,
    nextRefresh: "2026-01-01T00:05:00Z",
    outage: { since: "2026-01-01T00:05:00Z", attempts: 3, firstMessage: "unreachable" },
    clockOffsetSeconds: -600,
    sessionDuration,
    calls: [
      {
        times: 3,
        first: "2026-01-01T00:05:00Z",
        at: "2026-01-01T00:06:00Z",
        tookMs: 5_000,
        result: "timeout",
        message: "timed out",
      },
      {
        times: 1,
        first: "2026-01-01T00:00:00Z",
        at: "2026-01-01T00:00:00Z",
        tookMs: 90,
        result: "refreshed",
        forced: true,
      },
    ],
  });
  assert.deepEqual([failure.class, failure.message, typeof failure.remedy], ["timeout", "timed out", "string"]);
  assert.deepEqual(loading, {
    identity: "reports",
    servedAs: ["reports"],
    upstream: "scripted",
    configured: {},
    state: "loading",
    calls: [],
  });
  assert.deepEqual(clients[0], {
    identity: "default",
    name: "botocore",
    protocol: "container",
    version: "1.43.117",
    lastRead: "2026-01-01T00:10:00Z",
    lastReadServed: true,
    reported: { at: "2026-01-01T00:10:00Z", expiration: "2026-01-01T01:09:00Z", secondsLeft: 59 * 60 },
    advisoryWindowSeconds: 900,
    mandatoryWindowSeconds: 600,
    state: "calm",
    readsPerMinute: [0, 1],
  });
  const { state, lastReadServed, remedy, advisoryWindowSeconds } = clients[1];
  assert.deepEqual([state, lastReadServed, advisoryWindowSeconds], ["storming", false, undefined]);
  assert.match(remedy.text, /SIDECAR_CLIENT/);
});

/** JSON cannot tell `undefined` from nothing. */
const withoutUndefined = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const inputs: readonly (readonly [name: string, input: StatusInput])[] = [
  ["everything", fullInput()],
  ["static keys", statusInput({ default: cachedState(undefined) })],
  ["expired credentials", statusInput({ default: cachedState(0) })],
  ["nothing yet", statusInput({ default: loadingState })],
  [
    "a session whose end is unknown",
    statusInput({ default: cachedState(undefined, { lifetime: { kind: "unknown" } }) }),
  ],
];

for (const [name, input] of inputs) {
  test(`reads back a status of ${name}`, () => {
    assert.deepEqual(withoutUndefined(parseStatus(written(input))), withoutUndefined(statusOf(input)));
  });
}

for (const [name, document] of [
  ["another version", { ...written(fullInput()), version: "0.0.1" }],
  ["no identities", { ...written(fullInput()), identities: undefined }],
  ["a time that is none", { ...written(fullInput()), now: "soon" }],
  ["null", null],
  ["a text", "<html>"],
  ["a list", []],
] as const) {
  test(`takes a document with ${name} for no status`, () => {
    assert.equal(parseStatus(document), undefined);
  });
}
