/** One client on the stage of `conformance/`: the real sidecar, an upstream, an AWS, all as processes. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { realClock } from "../../../conformance/harness/faketime.ts";
import { play } from "../../../conformance/harness/play.ts";
import { BrokenClientError, type Spec } from "../../../conformance/harness/scenario.ts";
import { Stage } from "../../../conformance/harness/stage.ts";
import { kiam, oneHour } from "../../../conformance/harness/upstream.ts";

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
    folder: fileURLToPath(new URL(".", import.meta.url)),
  },
  protocol: "container",
  variant: "",
};
const load = { requests: 3, limitMs: 60_000 };

let stage: Stage;
before(async () => {
  stage = await Stage.open(realClock);
});
after(() => stage.close());

for (const protocol of ["container", "imds"] as const) {
  test(`counts the reads of a client of the sidecar over ${protocol}`, async () => {
    const sidecar = { named: false };
    const counts = await play({ stage, spec: { ...spec, protocol }, load, upstream: oneHour, sidecar });
    const { requests, failed, accepted, late, reads, upstreamCalls } = counts;
    assert.deepEqual({ requests, failed, accepted, late }, { requests: 3, failed: 0, accepted: 3, late: 0 });
    assert.deepEqual({ reads, upstreamCalls }, { reads: 1, upstreamCalls: 1 });
  });
}

test("counts the calls of a client that goes straight to the upstream", async () => {
  const { failed, upstreamCalls, reads } = await play({ stage, spec, load, upstream: kiam, sidecar: "none" });
  assert.deepEqual({ failed, upstreamCalls, reads }, { failed: 0, upstreamCalls: 1, reads: undefined });
});

test("counts a request as late that is signed after the real expiration, whatever the client was told", async () => {
  const upstream = { ...oneHour, sessionMs: 0, keepUntilMs: 0, skewMs: 3_600_000 };
  const { failed, accepted, late } = await play({ stage, spec, load, upstream, sidecar: "none" });
  assert.deepEqual({ failed, accepted, late }, { failed: 3, accepted: 0, late: 3 });
});

test("a client that prints anything but its line is broken", async () => {
  const clientEnv = { PRINT: "hello" };
  const broken = play({ stage, spec, load, upstream: oneHour, sidecar: "none", clientEnv });
  await assert.rejects(broken, (error: unknown) => error instanceof BrokenClientError && /hello/.test(error.message));
});

test("sums the reads of a sidecar over its restart", async () => {
  const counts = await play({
    stage,
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
