/** How long a session is asked for, when STS refuses one that is longer than a role allows. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { type Clock, systemClock } from "../../src/edge.ts";
import { HOUR } from "../../src/time.ts";
import { RequestedDuration } from "../../src/upstream/requested-duration.ts";
import { SessionDurations } from "../../src/upstream/session-durations.ts";
import { writeShared } from "../support/environment.ts";
import { defaultUpstream, failureOf, fetchOnce, identitiesOf } from "../support/identities.ts";
import { nockSts, prepareSts, type StsCall, stsActions } from "../support/nock-sts.ts";
import { ROLE, stsAnswer, stsError, stsSession } from "../support/sts-answers.ts";

const TOO_LONG = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
const CHAINED = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
const HOUR_S = 3_600;

/** STS for a role that allows sessions of so many seconds; asked for a chained one, it says so. */
function allowing(maxS: number, words: string, action: string) {
  return ({ form }: StsCall) =>
    Number(form.DurationSeconds) > maxS
      ? stsError(400, "ValidationError", words)
      : stsAnswer(action, stsSession({ expiration: "2099-01-01T00:00:00Z" }));
}

const askedHours = (calls: readonly StsCall[]) => calls.map(({ form }) => Number(form.DurationSeconds) / HOUR_S);

/** A clock that runs ahead by as much as a test says. */
function laterBy(ms: () => number): Clock {
  return { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + ms() };
}

for (const action of stsActions) {
  test(`${action} for 12 h of a one-hour role is refused three times in all, and then asks for an hour`, async (t) => {
    const { flags } = prepareSts(t, action);
    const calls = nockSts(t, allowing(HOUR_S, TOO_LONG, action));
    const { upstreams, steps } = identitiesOf([...flags, "--duration=12h"]);
    const upstream = upstreams.get("default") ?? assert.fail();
    for (let refresh = 0; refresh < 4; refresh += 1) await fetchOnce(upstream);
    assert.deepEqual(askedHours(calls), [12, 5, 1, 2, 1, 1, 1]);
    assert.deepEqual(
      steps,
      [
        [12 * HOUR_S, HOUR_S],
        [12 * HOUR_S, HOUR_S],
      ],
      "told at the first, and when it is found that there is no more",
    );
  });

  test(`${action} climbs to the ten hours that a role allows, and tells each step`, async (t) => {
    const { flags } = prepareSts(t, action);
    const calls = nockSts(t, allowing(10 * HOUR_S, TOO_LONG, action));
    const { upstreams, steps } = identitiesOf([...flags, "--duration=12h"]);
    const upstream = upstreams.get("default") ?? assert.fail();
    for (let refresh = 0; refresh < 5; refresh += 1) await fetchOnce(upstream);
    assert.deepEqual(askedHours(calls), [12, 5, 8, 10, 11, 10, 10]);
    assert.deepEqual(
      steps.map(([, allowed]) => allowed / HOUR_S),
      [5, 8, 10, 10],
    );
  });

  test(`${action} tries the role upward once a day`, async (t) => {
    const { flags } = prepareSts(t, action);
    let allows = HOUR_S;
    const calls = nockSts(t, (call) => allowing(allows, TOO_LONG, action)(call));
    let later = 0;
    const { upstreams } = identitiesOf([...flags, "--duration=2h"], { clock: laterBy(() => later) });
    const upstream = upstreams.get("default") ?? assert.fail();
    await fetchOnce(upstream);
    later = 23 * HOUR;
    await fetchOnce(upstream);
    later = 25 * HOUR;
    await fetchOnce(upstream);
    allows = 2 * HOUR_S;
    later = 51 * HOUR;
    await fetchOnce(upstream);
    await fetchOnce(upstream);
    assert.deepEqual(askedHours(calls), [2, 1, 1, 2, 1, 2, 2]);
  });

  test(`${action} is not tried with less than an hour`, async (t) => {
    const { flags } = prepareSts(t, action);
    const calls = nockSts(t, allowing(900, TOO_LONG, action));
    const { kind } = await failureOf(defaultUpstream([...flags, "--duration=1h"]));
    assert.deepEqual([kind, askedHours(calls)], ["rejected", [1]]);
  });

  test(`${action} that is denied is not tried with another duration`, async (t) => {
    const { flags } = prepareSts(t, action);
    const calls = nockSts(t, () => stsError(403, "AccessDenied", "not authorized to perform: sts:AssumeRole"));
    const { kind } = await failureOf(defaultUpstream([...flags, "--duration=12h"]));
    assert.deepEqual([kind, askedHours(calls)], ["denied", [12]]);
  });
}

test("what STS calls role chaining is asked for an hour from then on, for ever", async (t) => {
  const { flags } = prepareSts(t, "AssumeRole", { AWS_SESSION_TOKEN: "fake-token" });
  const calls = nockSts(t, allowing(HOUR_S, CHAINED, "AssumeRole"));
  let later = 0;
  const { upstreams } = identitiesOf([...flags, "--duration=12h"], { clock: laterBy(() => later) });
  const upstream = upstreams.get("default") ?? assert.fail();
  await fetchOnce(upstream);
  later = 48 * HOUR;
  await fetchOnce(upstream);
  assert.deepEqual(askedHours(calls), [12, 1, 1]);
});

test("what a role allows is learned once, for all identities that assume it", async (t) => {
  const { flags, tokenFile } = prepareSts(t, "AssumeRole");
  const keys = "aws_access_key_id=AKIAFAKEPROFILE00000\naws_secret_access_key=fake-profile-secret\n";
  writeShared(dirname(tokenFile), { credentials: `[app]\n${keys}[reports]\n${keys}` });
  const calls = nockSts(t, allowing(HOUR_S, TOO_LONG, "AssumeRole"));
  const profiles = ["--upstream=profile", "--profiles=app,reports", "--duration=12h"];
  const { upstreams } = identitiesOf([...flags.filter((flag) => !flag.startsWith("--upstream")), ...profiles]);
  const [app = assert.fail(), reports = assert.fail()] = upstreams.values();
  for (let refresh = 0; refresh < 3; refresh += 1) {
    await fetchOnce(app);
    await fetchOnce(reports);
  }
  assert.equal(askedHours(calls).filter((hours) => hours > 1).length, 3, `${askedHours(calls)}`);
});

const wanting = (durations: SessionDurations, now: () => number = () => 0) =>
  new RequestedDuration({ wantedSeconds: 12 * HOUR_S, durations, monotonicMs: now, onSessionDuration: () => {} });

test("while one identity finds out what a role allows, another asks for what is sure, and waits for nobody", () => {
  const durations = new SessionDurations();
  const [first, second] = [wanting(durations), wanting(durations)];
  assert.equal(first.ask(ROLE, "role"), 12 * HOUR_S);
  assert.equal(second.ask(ROLE, "role"), HOUR_S);
  assert.equal(second.ask(ROLE.replace("role/", "role/other-"), "role"), 12 * HOUR_S, "another role is another matter");
  first.answered();
  first.ended();
  assert.equal(second.ask(ROLE, "role"), 12 * HOUR_S);
});

test("an identity whose attempt hangs does not keep others from finding out for longer than two minutes", () => {
  const durations = new SessionDurations();
  let now = 0;
  const [hanging, other] = [wanting(durations, () => now), wanting(durations, () => now)];
  hanging.ask(ROLE, "role");
  now = 119_000;
  assert.equal(other.ask(ROLE, "role"), HOUR_S);
  now = 121_000;
  assert.equal(other.ask(ROLE, "role"), 12 * HOUR_S);
});

test("a role that is assumed with a role's session is never asked for more than an hour", () => {
  const asker = wanting(new SessionDurations());
  assert.equal(asker.ask(ROLE, "role-session"), HOUR_S);
  assert.equal(asker.refused(new Error(TOO_LONG)), false, "there is nothing shorter to ask");
});

for (const thrown of [
  new Error("User is not authorized to perform: sts:AssumeRole"),
  new Error("roles assumed by role chaining"),
  new Error("Value at 'durationSecondsLeft' failed"),
  "The requested DurationSeconds exceeds",
  { message: "DurationSeconds" },
  null,
  undefined,
]) {
  test(`does not ask for less after ${thrown instanceof Error ? thrown.message : JSON.stringify(thrown)}`, () => {
    const asker = wanting(new SessionDurations());
    asker.ask(ROLE, "role");
    assert.equal(asker.refused(thrown), false);
  });
}
