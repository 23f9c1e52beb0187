import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { fanOut } from "../../src/telemetry/events.ts";

test("passes an event on to the others when an observer throws, and reports that as a rejection", async (t) => {
  const seen: string[] = [];
  const broken = new Error("an observer is broken");
  const { onCoalesced } = fanOut([
    { onCoalesced: () => assert.fail(broken) },
    { onCoalesced: (identity) => void seen.push(identity) },
  ]);
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  t.after(() => {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  });
  const rejected = once(process, "unhandledRejection");
  onCoalesced("default");
  assert.deepEqual(seen, ["default"]);
  assert.equal((await rejected)[0], broken);
});
