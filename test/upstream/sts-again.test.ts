/** The two reasons for which one attempt calls STS again: this machine's clock, and a duration that the role forbids. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../src/edge.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { defaultUpstream, failureOf, fetchOnce, identitiesOf } from "../support/identities.ts";
import { nockSts, prepareSts, type StsCall, stsActions } from "../support/nock-sts.ts";
import { stsAnswer, stsError, stsSession } from "../support/sts-answers.ts";

/** How STS says that a signature is of another time; its Date header says of which. */
function refusedByAClock(status: number, code: string, ahead: number) {
  return stsError(status, code, "Signature not yet current", {
    Date: new Date(systemClock.now() + ahead).toUTCString(),
  });
}

/** How far ahead of this machine a call was signed, in whole hours. */
function signedAhead({ headers }: StsCall): number {
  const written = headers.get("x-amz-date") ?? "";
  const iso = written.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, "$1-$2-$3:$4:$5");
  return Math.round((Date.parse(iso) - systemClock.now()) / HOUR) + 0;
}

for (const [code, status, ahead] of [
  ["SignatureDoesNotMatch", 403, HOUR],
  ["RequestExpired", 400, -2 * HOUR],
] as const) {
  test(`${code} by a clock that is ${ahead / HOUR} h off is corrected at once, and remembered`, async (t) => {
    const { flags } = prepareSts(t, "AssumeRole");
    const calls = nockSts(t, (call) =>
      signedAhead(call) === 0 ? refusedByAClock(status, code, ahead) : stsAnswer("AssumeRole", stsSession()),
    );
    const upstream = defaultUpstream(flags);
    await fetchOnce(upstream);
    assert.deepEqual(calls.map(signedAhead), [0, ahead / HOUR]);
    await fetchOnce(upstream);
    assert.deepEqual(calls.map(signedAhead), [0, ahead / HOUR, ahead / HOUR]);
  });
}

test("a signature that fails with the clock corrected is given up after two calls", async (t) => {
  const { flags } = prepareSts(t, "AssumeRole");
  const calls = nockSts(t, () => refusedByAClock(403, "SignatureDoesNotMatch", HOUR));
  const { kind, upstreamCode } = await failureOf(defaultUpstream(flags));
  assert.deepEqual([kind, upstreamCode, calls.length], ["clock", "SignatureDoesNotMatch", 2]);
});

test("a signature that fails while the clocks agree is given up after one call", async (t) => {
  const { flags } = prepareSts(t, "AssumeRole");
  const calls = nockSts(t, () => refusedByAClock(403, "SignatureDoesNotMatch", 0));
  const { kind } = await failureOf(defaultUpstream(flags));
  assert.deepEqual([kind, calls.length], ["clock", 1]);
});

test("a failure tells how far the clocks are apart", async (t) => {
  const { flags } = prepareSts(t, "AssumeRole");
  nockSts(t, () => refusedByAClock(403, "AccessDenied", HOUR));
  const { clockOffset = 0 } = await failureOf(defaultUpstream(flags));
  assert.equal(Math.round(clockOffset / MINUTE), 60);
});

const TOO_LONG = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
const CHAINED = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";

/** STS for a role that allows sessions of so many seconds. */
function allowing(maxS: number, words: string, action: string) {
  return ({ form }: StsCall) =>
    Number(form.DurationSeconds) > maxS
      ? stsError(400, "ValidationError", words)
      : stsAnswer(action, stsSession({ expiration: "2099-01-01T00:00:00Z" }));
}

const asked = (calls: readonly StsCall[]) => calls.map(({ form }) => Number(form.DurationSeconds));

for (const action of stsActions) {
  for (const [words, wanted, maxS, steps] of [
    [TOO_LONG, "12h", 10 * 3600, [43_200, 39_600, 36_000]],
    [TOO_LONG, "90m", 3600, [5_400, 3_600]],
    [CHAINED, "12h", 3600, [43_200, 3_600]],
  ] as const) {
    test(`${action} for ${wanted} steps down by ${steps.join(", ")} s, tells each step, and stays there`, async (t) => {
      const { flags } = prepareSts(t, action);
      const calls = nockSts(t, allowing(maxS, words, action));
      const { upstreams, steps: reported } = identitiesOf([...flags, `--duration=${wanted}`]);
      const upstream = upstreams.get("default");
      assert.ok(upstream !== undefined);
      await fetchOnce(upstream);
      assert.deepEqual(asked(calls), steps);
      assert.deepEqual(
        reported,
        steps.slice(1).map((to, index) => [steps[index], to]),
      );
      await fetchOnce(upstream);
      assert.deepEqual(asked(calls), [...steps, steps.at(-1)], "the next refresh asks for what was allowed");
    });
  }

  test(`${action} is not tried with less than an hour`, async (t) => {
    const { flags } = prepareSts(t, action);
    const calls = nockSts(t, allowing(900, TOO_LONG, action));
    const { kind } = await failureOf(defaultUpstream([...flags, "--duration=1h"]));
    assert.deepEqual([kind, asked(calls)], ["rejected", [3_600]]);
  });

  test(`${action} that is denied is not tried with another duration`, async (t) => {
    const { flags } = prepareSts(t, action);
    const calls = nockSts(t, () => stsError(403, "AccessDenied", "not authorized to perform: sts:AssumeRole"));
    const { kind } = await failureOf(defaultUpstream([...flags, "--duration=12h"]));
    assert.deepEqual([kind, asked(calls)], ["denied", [43_200]]);
  });
}
