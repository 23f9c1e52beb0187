/** Promise 14 under load: each attack against the bundle, in a cgroup with the limit of the manifests. */
import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { attacked } from "./attacked.ts";
import { buildBundle } from "./bundle.ts";
import { attacks } from "./programs/attacks.ts";

/** Of the limit. The rest is for pages of files, above all Node's own where no other pod is charged for them. */
const MAX_MIB = 56;

before(buildBundle);

suite("stays under 56 MiB, and answers every probe, scrape and read, under", () => {
  for (const attack of Object.keys(attacks)) {
    test(attack, async () => {
      const { peakMib, killed, opened, reads, probes, scrapes } = await attacked(attack);
      console.log(`${peakMib.together} MiB, ${opened} connections, p99 of a read ${reads.p99Ms} ms`);
      assert.equal(killed, 0);
      assert.ok(peakMib.together <= MAX_MIB, `${peakMib.together} MiB`);
      for (const { answered, faults } of [reads, probes, scrapes]) {
        assert.deepEqual(faults, []);
        assert.ok(answered > 0);
      }
    });
  }
});
