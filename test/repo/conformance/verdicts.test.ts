/** What the scenarios of `conformance/` say about counts. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Counts, isWorse, type Judged, type Verdict } from "../../../conformance/harness/verdict.ts";
import { judgeColdStart } from "../../../conformance/scenarios/cold-start.ts";
import { judgeDisturbed } from "../../../conformance/scenarios/disturbances.ts";
import { judgeStraight } from "../../../conformance/scenarios/fifteen-minutes.ts";
import { judgeLife } from "../../../conformance/scenarios/long-life.ts";
import { judgeReads } from "../../../conformance/scenarios/one-hour.ts";
import { judgeOutlived, judgeSimulatedThird, judgeThird, outageOf } from "../../../conformance/scenarios/outage.ts";
import { judgeRegionOutage } from "../../../conformance/scenarios/region-outage.ts";
import { judgeToken } from "../../../conformance/scenarios/token.ts";

const fine: Counts = {
  requests: 1_000,
  failed: 0,
  accepted: 1_000,
  late: 0,
  otherwiseRejected: 0,
  keys: 1,
  p50Ms: 1,
  p99Ms: 2,
  hours: 0,
  longestGapMs: 10,
  reads: 1,
};

const library = { client: { processPerRequest: false } };
const commandLine = { client: { processPerRequest: true } };

interface Case {
  readonly name: string;
  readonly counts: Partial<Counts>;
  readonly verdict: Verdict;
  readonly remark?: RegExp;
}

function check(judge: (counts: Counts) => Judged, cases: readonly Case[]): void {
  for (const { name, counts, verdict, remark = /(?:)/ } of cases) {
    test(`${name}: ${verdict}`, () => {
      const judged = judge({ ...fine, ...counts });
      assert.equal(judged.verdict, verdict);
      assert.match(judged.remark, remark);
    });
  }
}

suite("an outage of a region", () => {
  const lived = { byFallback: 3, byForce: 1, unavailable: 0 };
  check(judgeRegionOutage, [
    { name: "no failure", counts: lived, verdict: "works", remark: /^3 sessions from the fallback region$/ },
    { name: "no session of the fallback", counts: { ...lived, byFallback: 0 }, verdict: "fails", remark: /fallback/ },
    { name: "no session when asked", counts: { ...lived, byForce: 0 }, verdict: "fails", remark: /forced refresh/ },
    { name: "a read without credentials", counts: { ...lived, failed: 1, unavailable: 1 }, verdict: "fails" },
    { name: "a request signed too late", counts: { ...lived, late: 1 }, verdict: "late" },
  ]);
});

suite("reads of a library", () => {
  check(
    (counts) => judgeReads(counts, library),
    [
      { name: "one", counts: {}, verdict: "calm" },
      { name: "two", counts: { reads: 2 }, verdict: "calm" },
      { name: "three", counts: { reads: 3 }, verdict: "storms", remark: /3 reads in 1000 requests/ },
      {
        name: "one, and a request that failed",
        counts: { failed: 1, firstError: "Boom" },
        verdict: "fails",
        remark: /Boom/,
      },
      { name: "one, and a request signed too late", counts: { failed: 1, late: 1 }, verdict: "late" },
      { name: "one, and a bad signature that was retried", counts: { otherwiseRejected: 1 }, verdict: "fails" },
    ],
  );
});

suite("reads of a command line", () => {
  check(
    (counts) => judgeReads(counts, commandLine),
    [
      { name: "two for each process", counts: { requests: 10, reads: 20 }, verdict: "calm" },
      { name: "more", counts: { requests: 10, reads: 21 }, verdict: "storms" },
    ],
  );
});

suite("straight to the upstream", () => {
  check(
    (counts) => judgeStraight(counts, library),
    [
      { name: "one call", counts: { upstreamCalls: 1 }, verdict: "calm" },
      { name: "a call for each request", counts: { upstreamCalls: 1_000 }, verdict: "storms" },
    ],
  );
});

suite("a long life", () => {
  check(
    (counts) => judgeLife(counts, { ...library, variant: "1-hour" }),
    [
      {
        name: "reads for half of the requests",
        counts: { hours: 2, reads: 500 },
        verdict: "calm",
        remark: /250 reads/,
      },
      { name: "more", counts: { hours: 2, reads: 501 }, verdict: "storms" },
      { name: "one late request", counts: { hours: 2, late: 1 }, verdict: "late" },
      {
        name: "errors before the first success",
        counts: { hours: 2, failed: 2, lastErrorAtMs: 10, firstSuccessAtMs: 20 },
        verdict: "calm",
      },
      {
        name: "an error after it that the sidecar gave no reason for",
        counts: { hours: 2, failed: 2, lastErrorAtMs: 30, firstSuccessAtMs: 20 },
        verdict: "calm",
        remark: /gave up 2 answered reads/,
      },
      {
        name: "an error after it, and a read that found nothing",
        counts: { hours: 2, failed: 2, unavailable: 1, lastErrorAtMs: 30, firstSuccessAtMs: 20 },
        verdict: "fails",
      },
      {
        name: "errors in more than a twentieth of the requests",
        counts: { hours: 2, failed: 51, lastErrorAtMs: 30, firstSuccessAtMs: 20 },
        verdict: "fails",
      },
    ],
  );
  check(
    (counts) => judgeLife(counts, { ...library, variant: "short" }),
    [
      {
        name: "an error in real time",
        counts: { failed: 1, lastErrorAtMs: 30, firstSuccessAtMs: 20 },
        verdict: "fails",
      },
      {
        name: "in real time",
        counts: { reads: 900, keys: 4 },
        verdict: "works",
        remark: /ignores libfaketime: 4 sessions/,
      },
    ],
  );
});

suite("an outage", () => {
  check(judgeThird, [
    { name: "not noticed", counts: {}, verdict: "works" },
    { name: "errors, then none", counts: { failed: 3, recoveryMs: 100 }, verdict: "recovers" },
    { name: "errors without an end", counts: { failed: 3 }, verdict: "fails" },
    { name: "a late request", counts: { failed: 3, late: 1, recoveryMs: 100 }, verdict: "late" },
  ]);
  check(judgeSimulatedThird, [
    { name: "not noticed by the fast clock", counts: {}, verdict: "works" },
    { name: "errors that only the fast clock explains", counts: { failed: 3 }, verdict: "works", remark: /gave up 3/ },
    { name: "errors of reads", counts: { failed: 3, unavailable: 3, recoveryMs: 100 }, verdict: "recovers" },
  ]);
  check(judgeOutlived, [
    {
      name: "a gap that ends",
      counts: { failed: 9, recoveryMs: 90_000 },
      verdict: "recovers",
      remark: /1\.5 min after/,
    },
    { name: "a gap that does not end", counts: { failed: 9 }, verdict: "fails", remark: /never signed again/ },
    { name: "a late request", counts: { failed: 9, late: 2, recoveryMs: 90_000 }, verdict: "late" },
  ]);

  test("of a third ends within a session, and of another sort outlives each session that began before it", () => {
    const third = outageOf(900_000, false);
    assert.deepEqual([third.fromMs, third.toMs], [300_000, 600_000]);
    const { fromMs, toMs } = outageOf(900_000, true);
    assert.ok(toMs - fromMs > 900_000);
  });
});

suite("a cold start", () => {
  check(judgeColdStart, [
    { name: "no error", counts: { firstSuccessAtMs: 2_100 }, verdict: "works", remark: /2\.1 s/ },
    {
      name: "errors, then none",
      counts: { failed: 2, firstErrorAtMs: 900, firstSuccessAtMs: 2_500 },
      verdict: "recovers",
      remark: /gives up after 0\.9 s/,
    },
    { name: "only errors", counts: { failed: 1_000, firstErrorAtMs: 900 }, verdict: "fails" },
  ]);
});

suite("a disturbance", () => {
  check(judgeDisturbed, [
    { name: "not noticed", counts: {}, verdict: "works" },
    { name: "errors, then none", counts: { failed: 5 }, verdict: "recovers" },
    { name: "only errors", counts: { failed: 1_000 }, verdict: "fails" },
    { name: "a torn credential", counts: { failed: 1, otherwiseRejected: 1 }, verdict: "fails" },
    { name: "a late request", counts: { failed: 1, late: 1 }, verdict: "late" },
  ]);
});

suite("a token", () => {
  check(
    (counts) => judgeToken(counts, { variant: "file" }),
    [
      { name: "sent", counts: {}, verdict: "works" },
      { name: "not sent", counts: { failed: 1_000 }, verdict: "fails", remark: /does not send it/ },
    ],
  );
  check(
    (counts) => judgeToken(counts, { variant: "rotation" }),
    [
      {
        name: "errors during the restart",
        counts: { failed: 2, lastErrorAtMs: 3_000 },
        verdict: "works",
        remark: /2 failed while/,
      },
      {
        name: "errors to the end",
        counts: { failed: 60, lastErrorAtMs: 30_000 },
        verdict: "fails",
        remark: /keeps the old/,
      },
    ],
  );
});

test("a verdict is worse than those before it, and calm is as good as works", () => {
  const order: readonly Verdict[] = ["works", "storms", "recovers", "fails", "late", "broken"];
  for (const [index, verdict] of order.entries()) {
    assert.deepEqual(
      order.filter((other) => isWorse(other, verdict)),
      order.slice(index + 1),
    );
  }
  assert.equal(isWorse("works", "calm"), false);
  assert.equal(isWorse("storms", "calm"), true);
});
