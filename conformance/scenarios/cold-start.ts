/** 5. The client starts with the sidecar, and upstream answers 2 s after the first read. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Participants, runOnce } from "../harness/client-against-sidecar.ts";
import { oneHour } from "../harness/fake-upstream.ts";
import { requestsOf } from "../harness/load.ts";
import type { Scenario } from "../harness/scenario.ts";
import type { Counts, Judged } from "../harness/verdict.ts";

const UPSTREAM_AFTER_MS = 2_000;

/** A client that has not read by then is not going to. */
const FIRST_READ_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;

export const coldStart: Scenario = {
  id: "cold-start",
  title: "Cold start",
  promise: "An application that starts before upstream answers gets its credentials without an error of its own.",
  together: 6,
  variants: async () => [""],
  async measure(context, spec) {
    const fixture = await context.real();
    return await runOnce({
      fixture,
      spec,
      load: { requests: requestsOf(spec.client, 40), paceMs: 200, limitMs: 120_000 },
      upstream: { ...oneHour, does: "holds" },
      sidecar: { named: false, until: "listening" },
      async during(participants) {
        await firstRead(participants);
        await sleep(UPSTREAM_AFTER_MS);
        await fixture.do("set-upstream", { id: participants.upstream.id, changes: { does: "answers" } });
      },
    });
  },
  judge: judgeColdStart,
  // There an SDK gives up after about the 2 s that upstream takes.
  eitherWay: ({ protocol }) => protocol === "imds",
};

/** Runtimes take from 20 ms to seconds to start, so the two seconds begin with the first read. */
async function firstRead({ sidecar, isOver }: Participants): Promise<void> {
  const giveUpAt = performance.now() + FIRST_READ_WITHIN_MS;
  while (!isOver() && performance.now() < giveUpAt) {
    if ((await sidecar.counts()).waited > 0) return;
    await sleep(LOOK_EVERY_MS);
  }
}

export function judgeColdStart({ failed, requests, firstErrorAtMs, firstSuccessAtMs, firstError }: Counts): Judged {
  const seconds = (ms = 0) => `${(ms / 1_000).toFixed(1)} s`;
  if (failed === 0) return { verdict: "works", remark: `first answer after ${seconds(firstSuccessAtMs)}` };
  const gaveUp = `gives up after ${seconds(firstErrorAtMs)}`;
  if (failed === requests || firstSuccessAtMs === undefined)
    return { verdict: "fails", remark: `${gaveUp}: ${firstError}` };
  return {
    verdict: "recovers",
    remark: `${gaveUp}, ${failed} errors until ${seconds(firstSuccessAtMs)}: ${firstError}`,
  };
}
