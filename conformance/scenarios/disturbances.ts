/** 6. A restart of the sidecar, one 503, and a swap of credentials, under concurrent signing. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ClientRun, runOnce } from "../harness/client-against-sidecar.ts";
import { kiam } from "../harness/fake-upstream.ts";
import { requestsOf } from "../harness/load.ts";
import type { Scenario } from "../harness/scenario.ts";
import { type Counts, failureOf, type Judged } from "../harness/verdict.ts";
import { short } from "./long-life.ts";

const THREADS = 32;

type Disturbance = Pick<ClientRun, "load" | "upstream" | "sidecar" | "during">;

const disturbances: Readonly<Record<string, Disturbance>> = {
  restart: {
    load: { requests: THREADS * 20, concurrency: THREADS, paceMs: 150, limitMs: 120_000 },
    upstream: kiam,
    sidecar: { named: true },
    async during({ firstRequest, sidecar }) {
      await firstRequest();
      await sleep(500);
      await sidecar.restart();
    },
  },
  "one 503": {
    load: { requests: THREADS * 5, concurrency: THREADS, paceMs: 50, limitMs: 120_000 },
    upstream: kiam,
    sidecar: { named: true, refuse: 1 },
  },
  // Sessions of 30 s: every client with a threshold of more than 20 s reads at each request, the others each few
  // seconds, and the credentials change while all threads sign.
  swap: {
    load: { requests: THREADS * 36, concurrency: THREADS, paceMs: 500, limitMs: 180_000 },
    upstream: short.upstream,
    sidecar: { named: false, env: { SIDECAR_EXPIRATION_MARGIN: "10s", SIDECAR_MINIMUM_LIFETIME: "1m" } },
  },
};

export const disturbed: Scenario = {
  id: "disturbances",
  title: "Restart, a 503, swap",
  promise: "32 threads sign on through a restart of the sidecar, one 503, and a swap of credentials.",
  together: 8,
  async variants({ row, processPerRequest }, protocol) {
    // A command line has no threads, and nothing to sign on with.
    if (processPerRequest) return ["one 503"];
    // JavaScript v2 on IMDS never answers its callers below 15 s of reported lifetime (tried), to which a swap comes.
    const hangs = row === "js-v2" && protocol === "imds";
    return Object.keys(disturbances).filter((name) => !(hangs && name === "swap"));
  },
  async measure(context, spec) {
    const disturbance = disturbances[spec.variant];
    if (disturbance === undefined) throw new Error(`no disturbance ${spec.variant}`);
    const { load } = disturbance;
    const requests = requestsOf(spec.client, load.requests);
    return await runOnce({ ...disturbance, fixture: await context.real(), spec, load: { ...load, requests } });
  },
  judge: (counts) => judgeDisturbed(counts),
};

export function judgeDisturbed(counts: Counts): Judged {
  const failure = failureOf(counts);
  if (failure === undefined) return { verdict: "works", remark: "" };
  if (counts.late > 0 || counts.otherwiseRejected > 0 || counts.failed === counts.requests) return failure;
  return { verdict: "recovers", remark: failure.remark };
}
