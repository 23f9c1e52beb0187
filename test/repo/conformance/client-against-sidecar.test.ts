/** One client in the harness of `conformance/`: the real sidecar, an upstream, an AWS, all as processes. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runOnce } from "../../../conformance/harness/client-against-sidecar.ts";
import { kiam, oneHour } from "../../../conformance/harness/fake-upstream.ts";
import { realClock } from "../../../conformance/harness/faketime.ts";
import { Fixture } from "../../../conformance/harness/fixture.ts";
import { BrokenClientError, type Spec } from "../../../conformance/harness/scenario.ts";

const program = fileURLToPath(new URL("signing-client.ts", import.meta.url));
const spec: Spec = {
  client: {
    name: "test",
    sdk: "test",
    row: "js-v3",
    version: "0",
    protocols: ["container", "imds"],
    needs: [],
    build: [],
    run: [process.execPath, program],
    remark: "",
    processPerRequest: false,
    mustBeNamed: false,
    setup: "botocore-1",
    gate: "all",
    folder: fileURLToPath(new URL(".", import.meta.url)),
  },
  protocol: "container",
  variant: "",
};
const load = { requests: 3, limitMs: 60_000 };

let fixture: Fixture;
before(async () => {
  fixture = await Fixture.open(realClock);
});
after(() => fixture.close());

for (const protocol of ["container", "imds"] as const) {
  test(`counts the reads of a client of the sidecar over ${protocol}`, async () => {
    const sidecar = { named: false };
    const counts = await runOnce({ fixture, spec: { ...spec, protocol }, load, upstream: oneHour, sidecar });
    const { requests, failed, accepted, late, reads, upstreamCalls } = counts;
    assert.deepEqual({ requests, failed, accepted, late }, { requests: 3, failed: 0, accepted: 3, late: 0 });
    assert.deepEqual({ reads, upstreamCalls }, { reads: 1, upstreamCalls: 1 });
  });
}

test("counts the calls of a client that goes straight to the upstream", async () => {
  const { failed, upstreamCalls, reads } = await runOnce({ fixture, spec, load, upstream: kiam, sidecar: "none" });
  assert.deepEqual({ failed, upstreamCalls, reads }, { failed: 0, upstreamCalls: 1, reads: undefined });
});

test("counts a request as late that is signed after the real expiration, whatever the client was told", async () => {
  const upstream = { ...oneHour, sessionMs: 0, keepUntilMs: 0, skewMs: 3_600_000 };
  const { failed, accepted, late } = await runOnce({ fixture, spec, load, upstream, sidecar: "none" });
  assert.deepEqual({ failed, accepted, late }, { failed: 3, accepted: 0, late: 3 });
});

test("a client that prints anything but its line is broken", async () => {
  const clientEnv = { PRINT: "hello" };
  const broken = runOnce({ fixture, spec, load, upstream: oneHour, sidecar: "none", clientEnv });
  await assert.rejects(broken, (error: unknown) => error instanceof BrokenClientError && /hello/.test(error.message));
});

test("sums the reads of a sidecar over its restart", async () => {
  const counts = await runOnce({
    fixture,
    spec,
    load,
    upstream: oneHour,
    sidecar: { named: true },
    async during({ firstRequest, sidecar }) {
      await firstRequest();
      const { port } = new URL(sidecar.url);
      await sidecar.restart();
      assert.equal(new URL(sidecar.url).port, port);
    },
  });
  assert.deepEqual([counts.reads, counts.refreshes, counts.upstreamCalls], [1, 2, 2]);
});
