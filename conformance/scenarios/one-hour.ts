/** 1. One-hour sessions, many signed requests: a client reads once, or once more. */

import { runOnce } from "../harness/client-against-sidecar.ts";
import { oneHour } from "../harness/fake-upstream.ts";
import { readsAllowed, requestsOf } from "../harness/load.ts";
import type { Scenario } from "../harness/scenario.ts";
import { type Counts, failureOf, type Judged } from "../harness/verdict.ts";

export const oneHourSessions: Scenario = {
  id: "one-hour",
  title: "One-hour sessions",
  promise: "1,000 signed requests read the sidecar at most twice.",
  basic: true,
  together: 4,
  variants: async () => [""],
  async measure(context, spec) {
    const load = { requests: requestsOf(spec.client, 1_000), limitMs: 120_000 };
    return await runOnce({ fixture: await context.real(), spec, load, upstream: oneHour, sidecar: { named: false } });
  },
  judge: judgeReads,
};

/** What a verdict depends on besides the counts. */
export interface IdentifiedClient {
  readonly client: Parameters<typeof readsAllowed>[0];
}

/** Calm when the reads are few, whatever the upstream. */
export function judgeReads(counts: Counts, { client }: IdentifiedClient): Judged {
  const failure = failureOf(counts);
  if (failure !== undefined) return failure;
  const { reads = 0, requests } = counts;
  if (reads > readsAllowed(client, requests))
    return { verdict: "storms", remark: `${reads} reads in ${requests} requests` };
  return {
    verdict: "calm",
    remark: client.processPerRequest ? "a process for each request, which reads for itself" : "",
  };
}
