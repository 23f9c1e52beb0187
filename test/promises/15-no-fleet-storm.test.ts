/** Promise 15: a fleet never storms its upstream. The scenarios and the limits are those of `npm run fleet`. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { limits } from "../../bench/fleet/limits.ts";
import { readResults, rowOf } from "../../bench/fleet/results.ts";
import { beyondTheLimit, scenarios } from "../../bench/fleet/scenarios.ts";
import { MINUTE } from "../../src/time.ts";

const PODS = 10_000;

suite("A fleet never storms its upstream: ten thousand sidecars stay under 600 calls a second through a roll-out, an hour's outage and a roll-out inside that outage, and come back within two minutes of it.", () => {
  const { fleets } = readResults();
  const documented = (pods: number) => fleets.find((fleet) => fleet.pods === pods)?.rows ?? assert.fail(`${pods}`);

  test("the limits are those of the promise", () => {
    const { peakToMean, perSecond, callsInColdHour, backMs } = limits;
    assert.deepEqual([peakToMean, perSecond, callsInColdHour, backMs], [1.3, 600, 100, 2 * MINUTE]);
  });

  for (const [index, scenario] of scenarios.entries()) {
    test(`${scenario.name}: every limit is met, and the documents have these figures`, () => {
      const row = rowOf(scenario, PODS);
      assert.deepEqual(row.missed, []);
      assert.deepEqual(documented(PODS)[index], JSON.parse(JSON.stringify(row)), "run npm run fleet, npm run generate");
    });
  }

  test("a hundred thousand met every limit too, in the same scenarios, when `npm run fleet` was run last", () => {
    const rows = documented(100_000);
    assert.deepEqual(
      rows.map(({ name, missed }) => [name, missed]),
      [...scenarios, ...beyondTheLimit].map(({ name }) => [name, []]),
    );
  });
});
