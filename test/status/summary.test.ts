import assert from "node:assert/strict";
import { test } from "node:test";
import type { CacheState } from "../../src/cache/options.ts";
import { dropReasons } from "../../src/drops.ts";
import { refusalReasons } from "../../src/refusals.ts";
import { type IdentityInput, type StatusInput, statusOf } from "../../src/status/status.ts";
import { type Summary, summaryOf } from "../../src/status/summary.ts";
import type { ClientSeen } from "../../src/telemetry/clients-seen.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { failureKinds, UpstreamFailure } from "../../src/upstream/failure.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { cachedState, clientSeen, failing, identityInput, loadingState, statusInput } from "../support/states.ts";

const said = "upstream denied the request (AccessDenied, HTTP 403)";
/** Ten minutes before now. */
const expired = cachedState(1 * MINUTE);

function summed(
  states: Readonly<Record<string, CacheState>>,
  given: Partial<StatusInput> = {},
): readonly [Summary, ...Summary[]] {
  return summaryOf(statusOf(statusInput(states, given)));
}

function summedOne(cache: CacheState, given: Partial<IdentityInput> = {}): readonly [Summary, ...Summary[]] {
  return summed({}, { identities: [identityInput("default", cache, given)] });
}

test("says that no problems were found, and nothing else, when every identity is cached and nobody storms", () => {
  assert.deepEqual(summed({ default: cachedState(HOUR), reports: cachedState(HOUR) }), [
    { state: "well", sentence: "No problems found." },
  ]);
});

test("says that the first credentials are on their way", () => {
  assert.deepEqual(summed({ default: loadingState }), [
    {
      state: "starting",
      sentence: "default: the first credentials are on their way; applications wait a moment for them.",
    },
  ]);
});

test("says that applications get errors when nothing was ever loaded", () => {
  const [cold, ...more] = summed({ default: failing(loadingState, said) });
  assert.equal(cold.state, "cold");
  assert.equal(cold.sentence, `default: there are no credentials yet, so applications get errors (503): ${said}.`);
  assert.match(cold.remedy ?? "", /trust policy/);
  assert.deepEqual(more, []);
});

test("says since when applications get errors when the cached credentials have expired", () => {
  const [shown] = summed({ default: failing(expired, said) });
  assert.equal(shown.state, "expired");
  assert.equal(
    shown.sentence,
    `default: the credentials expired at 00:00:00 UTC, so applications get errors (503): ${said}.`,
  );
  assert.match(shown.remedy ?? "", /trust policy/);
});

test("does not blame upstream for credentials that expired before it was asked again", () => {
  const [shown] = summed({ default: expired });
  assert.match(shown.sentence, /applications get errors \(503\): a refresh is in flight\.$/);
  assert.equal(shown.remedy, undefined);
});

test("says until when an outage is survived, by the clock and in time left", () => {
  const [outage] = summed({ default: failing(cachedState(HOUR), said) });
  assert.equal(outage.state, "outage");
  assert.equal(
    outage.sentence,
    `default: ${said}. Applications are served from memory; they will get errors at 00:59:00 UTC (in 49 min).`,
  );
});

for (const [left, state] of [
  [10 * MINUTE, "outage"],
  [10 * MINUTE - SECOND, "ending"],
  [SECOND, "ending"],
] as const) {
  test(`calls an outage ${state} with ${left / SECOND} s left to serve`, () => {
    assert.equal(summed({ default: failing(cachedState(11 * MINUTE + left), said) })[0].state, state);
  });
}

test("sets no end to static keys in an outage", () => {
  const [outage] = summed({ default: failing(cachedState(undefined), said) });
  assert.equal(outage.state, "outage");
  assert.match(outage.sentence, /Applications are served from memory and notice nothing\.$/);
});

test("says since when upstream fails, how often, and how it began", () => {
  const outage = { since: EPOCH + 3 * MINUTE, attempts: 12, firstMessage: "upstream cannot be reached" };
  const [shown] = summedOne(failing(cachedState(HOUR), said), { outage });
  assert.equal(
    shown.history,
    "12 attempts have failed since 00:03:00 UTC (7 min). The first failure was: upstream cannot be reached.",
  );
});

test("does not say twice what the first failure was, and counts a single one too", () => {
  const outage = { since: EPOCH, attempts: 2, firstMessage: said };
  const cold = failing(loadingState, said);
  assert.equal(summedOne(cold, { outage })[0].history, "2 attempts have failed since 00:00:00 UTC (10 min).");
  const [once] = summedOne(cold, { outage: { ...outage, attempts: 1 } });
  assert.equal(once.history, "1 attempt has failed since 00:00:00 UTC (10 min).");
});

for (const kind of failureKinds) {
  test(`has a remedy when upstream's failure is ${kind}`, () => {
    assert.ok(summed({ default: failing(loadingState, said, kind) })[0].remedy);
  });
}

test("gives the remedy for upstream's own error code, which is more exact than that for its class", () => {
  const failure = new UpstreamFailure("denied", said, { upstreamCode: "InvalidIdentityToken" });
  const [cold] = summed({ default: { ...loadingState, failure } });
  assert.match(cold.remedy ?? "", /sts\.amazonaws\.com.* client IDs/);
});

for (const [offsetMs, sentence] of [
  [600_000, "This clock is 600 s behind upstream's."],
  [-60_000, "This clock is 60 s ahead of upstream's."],
] as const) {
  test(`warns of a clock once for all identities: ${sentence}`, () => {
    const facts = { clockOffsetMs: offsetMs };
    const identities = ["default", "reports"].map((name) => identityInput(name, cachedState(HOUR), { facts }));
    const [skew, ...more] = summed({}, { identities });
    assert.deepEqual([skew.state, skew.sentence], ["clock-skew", sentence]);
    assert.match(skew.remedy ?? "", /^set the node's clock/);
    assert.deepEqual(more, []);
  });
}

test("is silent about clocks that are less than a minute apart", () => {
  assert.equal(summedOne(cachedState(HOUR), { facts: { clockOffsetMs: -59_000 } })[0].state, "well");
});

const unnamed = { name: "python-urllib3", windows: undefined, advisorySeconds: 900 };
const storming: Partial<ClientSeen> = { client: unnamed, reported: { at: EPOCH, expiration: EPOCH + 510 * SECOND } };
const withClients = (clients: readonly Partial<ClientSeen>[], storms: readonly string[], more = {}) =>
  summed({ default: cachedState(HOUR) }, { clients: clients.map(clientSeen), storming: storms, ...more });

test("says why a client storms, what it costs, and which line ends it", () => {
  const [storm, ...more] = withClients([storming], ["python-urllib3"]);
  assert.deepEqual(
    [storm.state, storm.sentence, storm.line],
    [
      "storm",
      "boto3 or another Python program (python-urllib3) reads credentials again at every use, and its requests wait for that. It gets 8 min 30 s and needs more than 15 min.",
      "SIDECAR_CLIENT=botocore-1",
    ],
  );
  assert.match(storm.remedy ?? "", /^name the client/);
  assert.deepEqual(more, []);
});

test("says of an unrecognised storming client that what it gets is too short", () => {
  const client = { name: "other", windows: undefined, advisorySeconds: undefined };
  const [storm] = withClients([{ ...storming, client }], ["other"]);
  assert.match(
    storm.sentence,
    /^A program that is in no table \(other\) reads .+ It gets 8 min 30 s, which is too short for it\.$/,
  );
  assert.deepEqual([storm.remedy === undefined, storm.line], [false, undefined]);
});

test("names a client once that storms on several identities", () => {
  assert.equal(withClients([storming, { ...storming, identity: "reports" }], ["python-urllib3"]).length, 1);
});

for (const [state, given] of [
  ["calm", {}],
  ["inside-window", storming],
  ["nothing", { reported: undefined }],
] as const) {
  test(`finds no problem in a client whose state is ${state}`, () => {
    assert.equal(withClients([given], [])[0].state, "well");
  });
}

for (const reason of refusalReasons) {
  test(`says why requests were refused, and what to do: ${reason}`, () => {
    const refusals = [{ reason, total: 40, lately: 12, lastAt: EPOCH }];
    const [shown, ...more] = summed({ default: cachedState(HOUR) }, { refusals });
    assert.equal(shown.state, "refusals");
    assert.match(shown.sentence, /^12 requests were refused in the last 5 minutes: .+\.$/);
    assert.ok(shown.remedy);
    assert.deepEqual(more, []);
  });
}

test("writes the sidecar's own address into the line for a wrong host", () => {
  const refusals = [{ reason: "host", total: 1, lately: 1, lastAt: EPOCH } as const];
  const [shown] = summed({ default: cachedState(HOUR) }, { refusals, credentialsAt: ["127.0.0.1:19911"] });
  assert.equal(shown.line, "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:19911/v1/credentials");
  assert.match(shown.sentence, /^1 request was refused/);
});

test("is silent about reasons for which nothing was refused lately", () => {
  const refusals = [{ reason: "host", total: 9, lately: 0, lastAt: EPOCH } as const];
  assert.equal(summed({ default: cachedState(HOUR) }, { refusals })[0].state, "well");
});

for (const reason of dropReasons) {
  test(`says why connections were dropped, and what to do: ${reason}`, () => {
    const drops = (lately: number) => ({ drops: [{ reason, total: 40, lately, lastAt: EPOCH }] });
    const [shown, ...more] = summed({ default: cachedState(HOUR) }, drops(12));
    assert.equal(shown.state, "drops");
    assert.match(shown.sentence, /^12 connections were ended in the last 5 minutes: .+\.$/);
    assert.ok(shown.remedy);
    assert.deepEqual(more, []);
    assert.equal(summed({ default: cachedState(HOUR) }, drops(0))[0].state, "well");
  });
}

test("puts the worst first, and the most frequent refusal before the others", () => {
  const states = {
    fine: cachedState(HOUR),
    failing: failing(cachedState(HOUR), said),
    ending: failing(cachedState(12 * MINUTE), said),
    starting: loadingState,
    cold: failing(loadingState, said),
    expired: failing(expired, said),
  };
  const shown = summed(states, {
    clients: [clientSeen(storming)],
    storming: ["python-urllib3"],
    drops: [{ reason: "evicted", total: 1, lately: 1, lastAt: EPOCH }],
    refusals: [
      { reason: "host", total: 1, lately: 1, lastAt: EPOCH },
      { reason: "token", total: 3, lately: 3, lastAt: EPOCH },
    ],
  });
  assert.deepEqual(
    shown.map(({ state, sentence }) => `${state}: ${sentence.split(/[ :]/)[0]}`),
    [
      "expired: expired",
      "cold: cold",
      "ending: ending",
      "starting: starting",
      "outage: failing",
      "storm: boto3",
      "drops: 1",
      "refusals: 3",
      "refusals: 1",
    ],
  );
});

const roleArn = "arn:aws:iam::123456789012:role/app";

for (const [kind, step] of [
  ["denied", { command: "aws iam get-role --role-name app --query Role.AssumeRolePolicyDocument" }],
  ["throttled", { line: "SIDECAR_DURATION=4h" }],
  ["unreachable", {}],
] as const) {
  test(`gives one line to start with when STS's failure is ${kind}, if there is one`, () => {
    const [{ line, command }] = summedOne(failing(loadingState, said, kind), { configured: { roleArn } });
    assert.deepEqual(JSON.parse(JSON.stringify({ line, command })), step);
  });
}

test("puts no name into a command that a shell would read as something else", () => {
  const [{ command }] = summedOne(failing(loadingState, said), { configured: { roleArn: `${roleArn};reboot` } });
  assert.equal(command, undefined);
});
