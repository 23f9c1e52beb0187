import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { accessKeyIdIn, loadHour, readOnce, withWholeSidecar } from "../support/whole-sidecar.ts";

test("A failed refresh never loses good credentials; an outage is survived for the whole remaining lifetime.", () =>
  withWholeSidecar([], async (sidecar) => {
    const credentials = await loadHour(sidecar);
    const { served, upstream, clock } = sidecar;
    const honestEnd = EPOCH + HOUR - MINUTE;
    let failures = 0;
    while (clock.now() < honestEnd - SECOND) {
      if (upstream.calls > failures + 1) {
        upstream.fail(new UpstreamFailure(failures % 2 === 0 ? "unreachable" : "denied", "simulated"));
        failures += 1;
      }
      await clock.advance(Math.min(20 * SECOND, honestEnd - SECOND - clock.now()));
      const answer = await readOnce(served);
      assert.equal(answer.status, 200);
      assert.equal(accessKeyIdIn(answer), credentials.accessKeyId);
    }
    assert.ok(failures >= 5, `upstream failed ${failures} times`);
  }));
