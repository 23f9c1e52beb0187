/** 4. Upstream fails for a third of a session in its middle, or for longer than the session lasts. */

import { MINUTE } from "../../src/time.ts";
import type { Outage, Trouble } from "../harness/fake-upstream.ts";
import { type Scenario, standsForAll } from "../harness/scenario.ts";
import { type Counts, impatienceOf, type Judged, lessImpatience, onceStarted } from "../harness/verdict.ts";
import { isSimulated, live, lives, short } from "./long-life.ts";

/** Some SDKs wait 5–15 min after a failure before they look again. */
const AFTERWARDS_MS = 20 * MINUTE;
/** When what it held has ended, the sidecar asks again after 30–60 s; the clients, when they have seen that. */
const AFTER_THE_END_MS = 1.5 * MINUTE;

/** What else than 503 upstream may do. To the application that is all one. */
const manners: Readonly<Record<string, Trouble>> = { denying: "denies", hanging: "hangs" };

export const upstreamOutage: Scenario = {
  id: "outage",
  title: "Outage of upstream",
  promise: "A third of a session is not noticed; one that outlives the session ends with upstream's return.",
  basic: true,
  together: 16,
  async variants(client, protocol, context) {
    if (!context.all && protocol !== client.protocols[0]) return [];
    const simulated = await isSimulated(client, protocol, context);
    if (!simulated) return ["short, a third", ...(context.all ? ["short, outlived"] : [])];
    const sessions = context.all ? Object.keys(lives) : ["15-minute"];
    const otherwise = context.all || standsForAll(client) ? Object.keys(manners) : [];
    return [
      ...sessions.flatMap((session) => [`${session}, a third`, `${session}, outlived`]),
      ...otherwise.map((manner) => `15-minute, a third, ${manner}`),
    ];
  },
  async measure(context, spec) {
    const [session = "", extent, manner = ""] = spec.variant.split(", ");
    const life = lives[session] ?? short;
    const { sessionMs } = life.upstream;
    const outlives = extent === "outlived";
    const outage = outageOf(life.servedMs, outlives, manners[manner]);
    const afterwards = Math.min(AFTERWARDS_MS, Math.max(sessionMs, outlives ? AFTER_THE_END_MS : 0));
    return await live(context, spec, life, sessionMs + outage.toMs + afterwards, outage);
  },
  judge(counts, { variant }) {
    if (variant.endsWith("outlived")) return judgeOutlived(counts);
    return variant.startsWith("short") ? judgeThird(counts) : judgeSimulatedThird(counts);
  },
};

/** Counted from the beginning of a session of which so much is served. */
export function outageOf(servedMs: number, outlives: boolean, as: Trouble = "unavailable"): Outage {
  const fromMs = servedMs / 3;
  return { fromMs, toMs: fromMs + (outlives ? 1.2 * servedMs : servedMs / 3), as };
}

export function judgeThird(counts: Counts): Judged {
  const { late, failed, firstError } = onceStarted(counts);
  if (late > 0) return { verdict: "late", remark: `${late} signed after the expiration` };
  if (failed === 0) return { verdict: "works", remark: "" };
  return { verdict: counts.recoveryMs === undefined ? "fails" : "recovers", remark: `${failed} failed: ${firstError}` };
}

export function judgeSimulatedThird(counts: Counts): Judged {
  const judged = judgeThird(lessImpatience(onceStarted(counts)));
  return { ...judged, remark: `${judged.remark}${impatienceOf(counts)}`.replace(/^; /, "") };
}

export function judgeOutlived({ late, failed, recoveryMs, longestGapMs = 0, firstError }: Counts): Judged {
  const minutes = (ms: number) => `${(ms / MINUTE).toFixed(1)} min`;
  const again =
    recoveryMs === undefined ? "never signed again" : `signed again ${minutes(recoveryMs)} after upstream's return`;
  const remark = `${failed} failed in a gap of ${minutes(longestGapMs)}, ${again}${failed > 0 ? ` (${firstError})` : ""}`;
  if (late > 0) return { verdict: "late", remark: `${late} signed after the expiration; ${remark}` };
  return { verdict: recoveryMs === undefined ? "fails" : "recovers", remark };
}
