/** 2. The incident: an upstream like kiam, straight and through the sidecar. */

import { calmnessOf } from "../../src/policy/calmness.ts";
import { findClient } from "../../src/policy/clients.ts";
import { MINUTE } from "../../src/time.ts";
import { type ClientRun, runOnce } from "../harness/client-against-sidecar.ts";
import { kiam } from "../harness/fake-upstream.ts";
import { requestsOf } from "../harness/load.ts";
import type { Context, Scenario, Spec } from "../harness/scenario.ts";
import type { Counts, Judged } from "../harness/verdict.ts";
import { type IdentifiedClient, judgeReads } from "./one-hour.ts";

const REQUESTS = 1_000;

/** A client that storms takes 86 ms for each; the full set takes the time. */
const STRAIGHT_REQUESTS = 100;

const STATIC = {
  accessKeyId: "AKIAFAKE000000000001",
  secretAccessKey: "fake-secret-of-static-keys",
  sessionToken: "",
};

export const fifteenMinuteSessions: Scenario = {
  id: "fifteen-minutes",
  title: "Fifteen-minute sessions",
  promise: "Through the sidecar, 1,000 signed requests read it at most twice where the client can be calmed.",
  basic: true,
  together: 1,
  // IMDS has no path to name a client in; with the container protocol the setting does what the path does.
  variants: async ({ protocols, mustBeNamed }, protocol, { all }) => [
    ...(protocol === protocols[0] ? ["static"] : []),
    "straight",
    ...(mustBeNamed ? [] : ["undeclared"]),
    ...(protocol === "container" ? ["path"] : []),
    ...(protocol === "imds" || all ? ["setting"] : []),
  ],
  async measure(context, spec) {
    return await runOnce(await clientRunOf(context, spec));
  },
  judge(counts, spec) {
    if (spec.variant === "static") return counts.failed === 0 ? { verdict: "works", remark: "" } : NO_BASELINE;
    if (spec.variant === "straight") return judgeStraight(counts, spec);
    return withTable(judgeReads(counts, spec), spec);
  },
};

const NO_BASELINE: Judged = { verdict: "works", remark: "takes no static credentials from its environment" };

async function clientRunOf(context: Context, spec: Spec): Promise<ClientRun> {
  const { client, variant } = spec;
  const fixture = await context.real();
  const load = { requests: requestsOf(client, REQUESTS), limitMs: 300_000 };
  const common = { fixture, spec, load, upstream: kiam };
  switch (variant) {
    case "static": {
      await fixture.do("record", STATIC);
      const clientEnv = { AWS_ACCESS_KEY_ID: STATIC.accessKeyId, AWS_SECRET_ACCESS_KEY: STATIC.secretAccessKey };
      // An endpoint that denies, so that only the environment can have given the credentials.
      return { ...common, upstream: { ...kiam, does: "denies" }, sidecar: "none", clientEnv };
    }
    case "straight": {
      const requests = requestsOf(client, context.all ? REQUESTS : STRAIGHT_REQUESTS);
      // Some SDKs speak only IMDSv2, which kiam passed on to the real IMDS.
      return {
        ...common,
        load: { ...load, requests },
        upstream: { ...kiam, sessionTokens: "answered" },
        sidecar: "none",
      };
    }
    case "setting":
      return { ...common, sidecar: { named: false, env: { SIDECAR_CLIENT: client.row } } };
    default:
      return { ...common, sidecar: { named: variant === "path" } };
  }
}

/** Without a sidecar, what is read is the upstream. */
export function judgeStraight(counts: Counts, { client }: IdentifiedClient): Judged {
  return judgeReads({ ...counts, reads: counts.upstreamCalls ?? 0 }, { client });
}

const POLICY = { marginMs: MINUTE, padding: true };

/** Notes where the client table in `src` says something else about a client that was named. */
function withTable(judged: Judged, { client, protocol, variant }: Spec): Judged {
  const windows = findClient(client.row)?.[protocol];
  if (windows === undefined || variant === "undeclared") return judged;
  const expected = calmnessOf({ windows, lifetimeMs: 15 * MINUTE, minimumLifetimeMs: 25 * MINUTE, policy: POLICY });
  const calm = judged.verdict === "calm";
  if (judged.verdict !== "calm" && judged.verdict !== "storms") return judged;
  // Within one short run a client that reads each few minutes looks calm; the reverse is a contradiction.
  if (calm || expected === "storms") return judged;
  return { ...judged, remark: `${judged.remark}; the client table says ${expected}` };
}
