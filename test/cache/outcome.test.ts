import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, judge } from "../../src/cache/outcome.ts";
import type { Credentials } from "../../src/credentials.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const ROLE = "arn:aws:iam::111111111111:role/team/app";
const OTHER_ROLE = "arn:aws:iam::111111111111:role/other";

function outcomeOf(given: Credentials, cached: Credentials | undefined, more: Partial<Answer> = {}) {
  const before = cached && { credentials: cached, obtainedAt: EPOCH - HOUR, generation: 7 };
  return judge({
    given,
    cached: before,
    isCurrent: before !== undefined,
    isForced: false,
    now: EPOCH,
    marginMs: MINUTE,
    ...more,
  });
}

const until = (minutes: number, given: Partial<Credentials> = {}) => fakeCredentials(EPOCH + minutes * MINUTE, given);
const staticKeys = () => fakeCredentials(undefined, { sessionToken: "" });
const endless = () => fakeCredentials(undefined, { lifetime: { kind: "unknown" } });
const same = until(30);

const rows: readonly { what: string; given: Credentials; cached: Credentials | undefined; outcome: string }[] = [
  { what: "the first answer", given: until(30), cached: undefined, outcome: "refreshed" },
  { what: "a longer session", given: until(60), cached: until(30), outcome: "refreshed" },
  { what: "a session that ends at the same moment", given: until(30), cached: until(30), outcome: "refreshed" },
  { what: "a shorter session", given: until(29), cached: until(30), outcome: "shorter" },
  { what: "the same session", given: { ...same }, cached: same, outcome: "unchanged" },
  {
    what: "another session under the same keys",
    given: { ...same, sessionToken: "fake-other-token" },
    cached: same,
    outcome: "refreshed",
  },
  {
    what: "a shorter session of a role of the same name on another path",
    given: until(29, { roleArn: "arn:aws:iam::111111111111:role/app" }),
    cached: until(30, { roleArn: ROLE }),
    outcome: "refreshed",
  },
  {
    what: "the same session with a later end, which a session never has",
    given: { ...same, lifetime: { kind: "until", expiration: EPOCH + HOUR } },
    cached: same,
    outcome: "unchanged",
  },
  {
    what: "the same session with a sooner end",
    given: { ...same, lifetime: { kind: "until", expiration: EPOCH + 20 * MINUTE } },
    cached: same,
    outcome: "refreshed",
  },
  {
    what: "the same session with its end, which was not known",
    given: same,
    cached: { ...same, lifetime: { kind: "unknown" } },
    outcome: "refreshed",
  },
  {
    what: "the same session without its end, which is known",
    given: { ...same, lifetime: { kind: "unknown" } },
    cached: same,
    outcome: "unchanged",
  },
  { what: "a session that is over", given: until(1), cached: until(30), outcome: "failed" },
  {
    what: "a shorter session of another role",
    given: until(29, { roleArn: OTHER_ROLE }),
    cached: until(30, { roleArn: ROLE }),
    outcome: "refreshed",
  },
  {
    what: "a shorter session of another account",
    given: until(29, { accountId: "222222222222" }),
    cached: until(30, { accountId: "111111111111" }),
    outcome: "refreshed",
  },
  {
    what: "a shorter session of another role's name",
    given: until(29, { roleName: "own" }),
    cached: until(30, { roleName: "fallback" }),
    outcome: "refreshed",
  },
  {
    what: "a shorter session whose role's name is that of the cached ARN",
    given: until(29, { roleName: "app" }),
    cached: until(30, { roleArn: ROLE }),
    outcome: "shorter",
  },
  {
    what: "a shorter session whose role's name is not that of the cached ARN",
    given: until(29, { roleName: "own" }),
    cached: until(30, { roleArn: ROLE }),
    outcome: "refreshed",
  },
  {
    what: "a shorter session that names its role, where the cached one does not",
    given: until(29, { roleArn: ROLE, accountId: "111111111111" }),
    cached: until(30),
    outcome: "shorter",
  },
  {
    what: "a shorter session of a program",
    given: until(29, { fromProgram: true }),
    cached: until(30, { fromProgram: true }),
    outcome: "refreshed",
  },
  { what: "a session in place of static keys", given: until(29), cached: staticKeys(), outcome: "refreshed" },
  { what: "static keys in place of a session", given: staticKeys(), cached: until(30), outcome: "refreshed" },
  { what: "a session in place of one without a known end", given: until(29), cached: endless(), outcome: "refreshed" },
  { what: "a session without a known end", given: endless(), cached: until(30), outcome: "refreshed" },
  { what: "other static keys", given: staticKeys(), cached: staticKeys(), outcome: "refreshed" },
  {
    what: "keys without a session token that end sooner than a session",
    given: until(29, { sessionToken: "" }),
    cached: until(30),
    outcome: "refreshed",
  },
];

for (const { what, given, cached, outcome } of rows) {
  test(`${what}: ${outcome}`, () => assert.equal(outcomeOf(given, cached).kind, outcome));
}

test("when the cached credentials have expired, a shorter session replaces them", () => {
  assert.equal(outcomeOf(until(29), until(30), { isCurrent: false }).kind, "refreshed");
});

test("a forced refresh takes a shorter session of the same identity in place of the cached one", () => {
  assert.equal(outcomeOf(until(29), until(30), { isForced: true }).kind, "refreshed");
});

test("a forced refresh does not take a session that is over in place of the cached one", () => {
  assert.equal(outcomeOf(until(1), until(30), { isForced: true }).kind, "failed");
});

test("a forced refresh that gets the cached session again leaves it in place", () => {
  assert.equal(outcomeOf({ ...same }, same, { isForced: true }).kind, "unchanged");
});

test("a session that has ended by its age is over when upstream gives it again", () => {
  const outcome = outcomeOf(same, same, { isCurrent: false });
  assert.ok(outcome.kind === "failed");
  assert.equal(outcome.failure.kind, "expired");
});

test("a swap counts the generation on from the one before", () => {
  const outcome = outcomeOf(until(60), until(30));
  assert.ok(outcome.kind === "refreshed");
  assert.deepEqual([outcome.cached.generation, outcome.cached.obtainedAt], [8, EPOCH]);
});

for (const { hours, sessionToken, lifetime } of [
  { hours: 36, sessionToken: "fake-token", lifetime: "until" },
  { hours: 37, sessionToken: "fake-token", lifetime: "unknown" },
  { hours: 70_000_000, sessionToken: "fake-token", lifetime: "unknown" },
  { hours: 36, sessionToken: "", lifetime: "until" },
  { hours: 37, sessionToken: "", lifetime: "unlimited" },
]) {
  const what = sessionToken === "" ? "keys without a session token" : "a session";
  test(`${what} with an expiration ${hours} h ahead: ${lifetime}`, () => {
    const given = fakeCredentials(EPOCH + hours * HOUR, { sessionToken });
    const outcome = outcomeOf(given, undefined);
    assert.ok(outcome.kind === "refreshed");
    const found = outcome.cached.credentials.lifetime;
    assert.equal(found.kind, lifetime);
    if (found.kind !== "until") assert.equal(found.claimed, EPOCH + hours * HOUR);
  });
}
