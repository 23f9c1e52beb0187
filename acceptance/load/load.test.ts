/** Promise 14 under load: each attack against the bundle, in a cgroup of 64 MiB as the image's container has. */
import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../../conformance/processes.ts";
import { attacked } from "./attacked.ts";
import { attacks } from "./programs/attacks.ts";

/** Of the 64 MiB; the rest is for pages of files, which the kernel takes back. */
const MAX_MIB = 56;

before(async () => {
  const script = fileURLToPath(new URL("../../scripts/build.ts", import.meta.url));
  const { code, stderr } = await run(process.execPath, [script], {});
  assert.equal(code, 0, stderr);
});

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
