/** Who starts first and ends last is the kubelet's doing: acceptance/kubernetes runs the example pods. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR } from "../../src/time.ts";
import { get } from "../support/served.ts";
import { loadHour, readOnce, withWholeSidecar } from "../support/whole-sidecar.ts";

test("Ready means loaded. The application starts after the credentials and loses them last.", () =>
  withWholeSidecar([], async (sidecar) => {
    const { served, clock } = sidecar;
    const readiness = () => get(`${served.adminUrl}/readyz`).then(({ status }) => status);
    assert.equal(await readiness(), 503);
    await loadHour(sidecar);
    assert.equal(await readiness(), 200);
    assert.equal((await readOnce(served)).status, 200);
    await clock.advance(HOUR);
    assert.equal(await readiness(), 503, "after the honest expiration there is nothing to start with");
    assert.equal((await get(`${served.adminUrl}/livez`)).status, 200, "but a restart would not help");
  }));
