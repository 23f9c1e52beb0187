/** An attempt calls STS again when this machine's clock is off. The other reason is in session-duration.test.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../src/edge.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { defaultUpstream, failureOf, fetchOnce } from "../support/identities.ts";
import { nockSts, prepareSts, type StsCall } from "../support/nock-sts.ts";
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
