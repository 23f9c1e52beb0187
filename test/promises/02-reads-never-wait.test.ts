import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTE, SECOND } from "../../src/time.ts";
import { accessKeyIdIn, loadHour, readOnce, withWholeSidecar } from "../support/whole-sidecar.ts";

test("A read with credentials in memory never waits for upstream.", () =>
  withWholeSidecar([], async (sidecar) => {
    const credentials = await loadHour(sidecar);
    await sidecar.clock.advance(16.5 * MINUTE + SECOND);
    assert.equal(sidecar.upstream.calls, 2, "a refresh is in flight");
    assert.equal(accessKeyIdIn(await readOnce(sidecar.served)), credentials.accessKeyId);
  }));
