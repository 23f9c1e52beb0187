/** A node's first pod after a reboot is charged for Node's own pages: it must work within its limit all the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MEMORY_LIMIT_MIB } from "../limits.ts";
import { buildBundle } from "./bundle.ts";
import { pagesOf } from "./pages.ts";

test("charged for all of Node's pages, it answers every read and probe of 64 connections, and doctor ends", async () => {
  await buildBundle();
  const { idle, flooded, reads, probes, killed, doctorMs } = await pagesOf({
    limitMib: MEMORY_LIMIT_MIB,
    pages: "own",
  });
  console.log(`${idle} MiB idle, ${flooded} MiB flooded, p99 of a read ${reads.p99Ms} ms, doctor ${doctorMs} ms`);
  for (const { answered, faults } of [reads, probes]) {
    assert.deepEqual(faults, []);
    assert.ok(answered > 0);
  }
  assert.equal(killed, 0);
  assert.notEqual(doctorMs, undefined);
});
