/** How far STS's clock and this one are apart, by the `Date` of its answers. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../src/edge.ts";
import { resolveSettings } from "../../src/settings/resolve.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { createIdentities } from "../../src/upstream/create.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import type { FakeAnswer } from "../support/fake-http.ts";
import { defaultUpstream, fetchOnce } from "../support/identities.ts";
import { nockSts, prepareSts } from "../support/nock-sts.ts";
import { stsAnswer, stsError, stsSession } from "../support/sts-answers.ts";

/** What one call of the default identity's upstream gives, and the offsets, in whole minutes, that it tells. */
async function call(flags: readonly string[]) {
  const resolution = resolveSettings(flags, process.env);
  assert.ok(resolution.kind === "ok");
  const reported: (readonly [string, number])[] = [];
  const edge = { ...fakeEdge(), clock: systemClock, env: process.env };
  const [source] = createIdentities(resolution.settings, edge, {
    onSessionDuration: () => {},
    onClockOffset: (identity, offset) => void reported.push([identity, Math.round(offset / MINUTE) + 0]),
  });
  const credentials = await source?.upstream.fetch(new AbortController().signal).catch(() => undefined);
  return { credentials, reported };
}

const offsets = async (flags: readonly string[]) => (await call(flags)).reported;

const dated = (answer: FakeAnswer, ahead: number | string): FakeAnswer => {
  const date = typeof ahead === "string" ? ahead : new Date(systemClock.now() + ahead).toUTCString();
  return { ...answer, headers: { ...answer.headers, Date: date } };
};

for (const ahead of [0, HOUR, -10 * MINUTE]) {
  test(`measures a clock that is ${ahead / MINUTE} min off from an answer with credentials`, async (t) => {
    const { flags } = prepareSts(t, "AssumeRoleWithWebIdentity");
    nockSts(t, () => dated(stsAnswer("AssumeRoleWithWebIdentity", stsSession()), ahead));
    assert.deepEqual(await offsets(flags), [["default", ahead / MINUTE]]);
  });
}

test("measures a clock from a denial", async (t) => {
  const { flags } = prepareSts(t, "AssumeRoleWithWebIdentity");
  nockSts(t, () => dated(stsError(403, "AccessDenied", "fake"), HOUR));
  assert.deepEqual(await offsets(flags), [["default", 60]]);
});

test("measures a clock whose signatures are corrected, at each answer", async (t) => {
  const { flags } = prepareSts(t, "AssumeRole");
  nockSts(t, (_, number) =>
    dated(number === 1 ? stsError(403, "SignatureDoesNotMatch", "fake") : stsAnswer("AssumeRole", stsSession()), HOUR),
  );
  assert.deepEqual(await offsets(flags), [
    ["default", 60],
    ["default", 60],
  ]);
});

test("measures nothing without a Date that can be read", async (t) => {
  const { flags } = prepareSts(t, "AssumeRoleWithWebIdentity");
  nockSts(t, () => dated(stsAnswer("AssumeRoleWithWebIdentity", stsSession()), "yesterday"));
  assert.deepEqual(await offsets(flags), []);
});

test("moves an expiration by the clock of its own attempt only", async (t) => {
  const { flags } = prepareSts(t, "AssumeRoleWithWebIdentity");
  const session = stsSession();
  const answer = stsAnswer("AssumeRoleWithWebIdentity", session);
  nockSts(t, (_, number) => dated(answer, number === 1 ? HOUR : "no date"));
  const upstream = defaultUpstream(flags);
  await fetchOnce(upstream);
  const { lifetime } = await fetchOnce(upstream);
  assert.deepEqual(lifetime, { kind: "until", expiration: Date.parse(session.expiration ?? "") });
});

/** How much later than STS said the credentials end by this clock, in whole minutes. */
async function movedBy(t: TestContext, ahead: number): Promise<number> {
  const { flags } = prepareSts(t, "AssumeRoleWithWebIdentity");
  const session = stsSession();
  nockSts(t, () => dated(stsAnswer("AssumeRoleWithWebIdentity", session), ahead));
  const { credentials } = await call(flags);
  assert.ok(credentials?.lifetime.kind === "until");
  return Math.round((credentials.lifetime.expiration - Date.parse(session.expiration ?? "")) / MINUTE) + 0;
}

for (const { ahead, moved } of [
  { ahead: -10 * MINUTE, moved: 10 },
  { ahead: 10 * MINUTE, moved: -10 },
  { ahead: 0, moved: 0 },
  { ahead: 50 * SECOND, moved: 0 },
  { ahead: -50 * SECOND, moved: 0 },
]) {
  const clock = `${Math.abs(ahead) / SECOND} s ${ahead < 0 ? "behind" : "ahead"}`;
  test(`an expiration by a clock that is ${clock} is moved by ${moved} min`, async (t) => {
    assert.equal(await movedBy(t, ahead), moved);
  });
}
