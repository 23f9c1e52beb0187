/** How far STS's clock and this one are apart, by the `Date` of its answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../src/edge.ts";
import { resolveSettings } from "../../src/settings/resolve.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { createIdentities } from "../../src/upstream/create.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import type { FakeAnswer } from "../support/fake-http.ts";
import { nockSts, prepareSts } from "../support/nock-sts.ts";
import { stsAnswer, stsError, stsSession } from "../support/sts-answers.ts";

/** The offsets, in whole minutes, that one call of the default identity's upstream tells. */
async function offsets(flags: readonly string[]): Promise<readonly (readonly [string, number])[]> {
  const resolution = resolveSettings(flags, process.env);
  assert.ok(resolution.kind === "ok");
  const reported: (readonly [string, number])[] = [];
  const edge = { ...fakeEdge(), clock: systemClock, env: process.env };
  const [source] = createIdentities(resolution.settings, edge, {
    onDurationSteppedDown: () => {},
    onClockOffset: (identity, offset) => void reported.push([identity, Math.round(offset / MINUTE) + 0]),
  });
  await source?.upstream.fetch(new AbortController().signal).catch(() => "it may fail");
  return reported;
}

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
