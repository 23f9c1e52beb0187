/** What the replay of the incident makes of its runs, and how it loads the service. */
import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import { suite, type TestContext, test } from "node:test";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { invent } from "../../../conformance/harness/fake-upstream.ts";
import { serve } from "../../../conformance/harness/http.ts";
import { Ledger } from "../../../conformance/harness/ledger.ts";
import { elasticsearch } from "../../../conformance/incident/elasticsearch.ts";
import { Load, percentile, timed } from "../../../conformance/incident/load.ts";
import { type Run, setUps, summarize, timesStatic } from "../../../conformance/incident/summary.ts";
import { markdownTable, plainTable } from "../../../conformance/incident/table.ts";
import { faultsInCounts, faultsInTimes } from "../../../conformance/incident/verdict.ts";

const LOADS = [1, 3];

/** One round as it should be. */
const round: readonly Run[] = LOADS.flatMap((atOnce): Run[] => {
  const common = { atOnce, requests: 100, p50Ms: 20, p99Ms: 30, perSecond: 50 * atOnce };
  return [
    { ...common, setUp: "static", upstreamCalls: 0 },
    { ...common, setUp: "straight", p50Ms: atOnce === 1 ? 106 : 200, perSecond: 10, upstreamCalls: 200 },
    { ...common, setUp: "sidecar", p50Ms: 21, perSecond: 47.5 * atOnce, upstreamCalls: 3, reads: 1 },
  ];
});

/** The round with one run changed. */
function but(setUp: Run["setUp"], atOnce: number, changes: Partial<Run>): readonly Run[] {
  return round.map((run) => (run.setUp === setUp && run.atOnce === atOnce ? { ...run, ...changes } : run));
}

suite("the figures", () => {
  test("are medians of times and sums of counts, by load and set-up", () => {
    const runs = [...but("static", 3, { p50Ms: 10 }), ...but("static", 3, { p50Ms: 90 }), ...round];
    const figures = summarize(runs);
    assert.deepEqual(
      figures.map(({ setUp, atOnce }) => `${setUp} ${atOnce}`),
      LOADS.flatMap((atOnce) => setUps.map((setUp) => `${setUp} ${atOnce}`)),
    );
    const wanted = { ...round[3], runs: 3, requests: 300 };
    assert.deepEqual(figures[3], wanted);
    assert.equal(figures[5]?.reads, 3);
  });

  test("compare a run with the static one of its own round", () => {
    const slow = round.map((run) => ({ ...run, p50Ms: 3 * run.p50Ms }));
    assert.equal(timesStatic([...round, ...slow, ...round], "straight", 3, "p50Ms"), 10);
  });

  test("stand in both tables", () => {
    const figures = summarize(round);
    assert.match(plainTable(figures), /^straight to the upstream +three +200 ms +30\.0 ms +10\.0 +100 +200$/m);
    assert.match(
      markdownTable(figures),
      /^\| through the sidecar \| one \| 21\.0 ms \| 30\.0 ms \| 47\.5 \| 100 \| 3 \|$/m,
    );
  });
});

suite("the verdict on counts", () => {
  test("passes a round as it should be", () => assert.deepEqual(faultsInCounts(round, LOADS), []));

  const faulty: readonly (readonly [name: string, runs: readonly Run[], fault: RegExp])[] = [
    ["static credentials that ask upstream", but("static", 1, { upstreamCalls: 1 }), /^static, 1 at once: 1 upstream/],
    ["a straight request that does not ask twice", but("straight", 3, { upstreamCalls: 199 }), /199 upstream calls/],
    ["a sidecar that is read three times", but("sidecar", 3, { reads: 3 }), /^sidecar, 3 at once: 3 reads/],
    ["a sidecar that is never read", but("sidecar", 1, { reads: 0 }), /^sidecar, 1 at once: 0 reads/],
    ["a set-up that is missing", round.slice(0, -1), /^sidecar, 3 at once: not measured$/],
  ];
  for (const [name, runs, fault] of faulty) {
    test(`fails ${name}`, () => {
      const [found = "", ...others] = faultsInCounts(runs, LOADS);
      assert.match(found, fault);
      assert.deepEqual(others, []);
    });
  }
});

suite("the verdict on times", () => {
  test("passes nine times straight, and five per cent through the sidecar", () => {
    assert.deepEqual(faultsInTimes(round), []);
  });

  const faulty: readonly (readonly [name: string, runs: readonly Run[], fault: RegExp])[] = [
    ["less than nine times straight", but("straight", 3, { p50Ms: 179 }), /^straight, 3 at once: 8\.950 times .* p50/],
    [
      "a slower p50 through the sidecar",
      but("sidecar", 1, { p50Ms: 21.1 }),
      /^sidecar, 1 at once: 1\.055 times .* p50/,
    ],
    ["less throughput through the sidecar", but("sidecar", 3, { perSecond: 142 }), /0\.947 times .* throughput/],
    ["figures that are no numbers", but("sidecar", 1, { p50Ms: Number.NaN }), /NaN times .* p50/],
  ];
  for (const [name, runs, fault] of faulty) {
    test(`fails ${name}`, () => {
      const [found = "", ...others] = faultsInTimes(runs);
      assert.match(found, fault);
      assert.deepEqual(others, []);
    });
  }
});

suite("the load", () => {
  test("keeps exactly so many requests under way until all are answered", async (t) => {
    const atOnce = 3;
    const waiting: ServerResponse[] = [];
    let most = 0;
    let answered = 0;
    const url = await listen(t, (response) => {
      waiting.push(response);
      most = Math.max(most, waiting.length);
      if (waiting.length < atOnce) return;
      for (const one of waiting.splice(0)) one.end(String(++answered));
    });
    const load = new Load(url, atOnce);
    t.after(load.close);
    const { timesMs, seconds } = await load.send(4 * atOnce);
    assert.deepEqual({ most, answered, timed: timesMs.length }, { most: atOnce, answered: 12, timed: 12 });
    assert.ok(timesMs.every((time) => time > 0 && time <= seconds * 1_000));
  });

  test("ends with the first answer other than 200, and what it says", async (t) => {
    const url = await listen(t, (response) => response.writeHead(403).end("expired"));
    const load = new Load(url, 1);
    t.after(load.close);
    await assert.rejects(load.send(2), /answered 403: expired/);
  });

  test("the turns of a set-up count as one", () => {
    const turns = [
      { timesMs: [1, 2], seconds: 2 },
      { timesMs: [3, 9], seconds: 6 },
    ];
    assert.deepEqual(timed(turns), { p50Ms: 2, p99Ms: 9, perSecond: 0.5 });
  });

  test("percentiles are values that were measured", () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    assert.deepEqual([percentile(values, 50), percentile(values, 99), percentile([7], 99)], [100, 198, 7]);
    assert.ok(Number.isNaN(percentile([], 50)));
  });
});

suite("the fake Elasticsearch", () => {
  const issued = invent(Date.parse("2026-01-01T00:15:00Z"));
  const { expiration: _, ...credentials } = issued;

  for (const { what, at, status } of [
    { what: "answers whoever signs with what was issued", at: "2026-01-01T00:14:59Z", status: 200 },
    { what: "denies what has expired", at: "2026-01-01T00:15:00Z", status: 403 },
  ]) {
    test(what, async (t) => {
      const ledger = new Ledger();
      ledger.record(issued);
      const { url, close } = await serve(elasticsearch(ledger, () => Date.parse(at), 0));
      t.after(close);
      const config = { endpoint: url, region: "eu-west-1", credentials, forcePathStyle: true, maxAttempts: 1 };
      const asked = new S3Client(config).send(new GetObjectCommand({ Bucket: "orders", Key: "_search" }));
      const found = await asked.then(
        ({ $metadata }) => $metadata.httpStatusCode,
        (error) => error.$metadata.httpStatusCode,
      );
      assert.equal(found, status);
    });
  }
});

/** A server that answers as it is told; closed when the test ends. */
async function listen(t: TestContext, answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response));
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  t.after(() => server.close());
  await promise;
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}
