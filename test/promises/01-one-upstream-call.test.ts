import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { fakeCredentials } from "../support/upstreams.ts";
import { accessKeyIdIn, readOnce, withWholeSidecar } from "../support/whole-sidecar.ts";

test("One upstream call for any number of concurrent callers.", () =>
  withWholeSidecar([], async ({ served, upstream, waitingReads }) => {
    const reads = Array.from({ length: 200 }, () => readOnce(served));
    await waitingReads(200);
    const credentials = fakeCredentials(EPOCH + HOUR);
    upstream.answer(credentials);
    const answers = await Promise.all(reads);
    assert.deepEqual([...new Set(answers.map(accessKeyIdIn))], [credentials.accessKeyId]);
    assert.equal(upstream.calls, 1);
  }));
