/** 4. Upstream fails for a third of a session in its middle, or for longer than the session lasts. */
import type { Scenario } from "../harness/scenario.ts";
import type { Outage } from "../harness/upstream.ts";
import { type Counts, impatienceOf, type Judged, lessImpatience, onceStarted } from "../harness/verdict.ts";
import { isSimulated, live, lives, short } from "./long-life.ts";

const MINUTE = 60_000;

/** Some SDKs wait 5–15 min after a failure before they look again. */
const AFTERWARDS_MS = 20 * MINUTE;

export const upstreamOutage: Scenario = {
  id: "outage",
  title: "Outage of upstream",
  promise: "A third of a session is not noticed; one that outlives the session ends with upstream's return.",
  together: 16,
  async variants(client, protocol, context) {
    if (!context.all && protocol !== client.protocols[0]) return [];
    const simulated = await isSimulated(client, protocol, context);
    const sessions = simulated ? (context.all ? Object.keys(lives) : ["15-minute"]) : ["short"];
    return sessions.flatMap((session) => [`${session}, a third`, ...(simulated ? [`${session}, outlived`] : [])]);
  },
  async measure(context, spec) {
    const [session = "", extent] = spec.variant.split(", ");
    const life = lives[session] ?? short;
    const { sessionMs } = life.upstream;
    const outage = outageOf(life.servedMs, extent === "outlived");
    const afterwards = Math.min(AFTERWARDS_MS, sessionMs);
    return await live(context, spec, life, sessionMs + outage.toMs + afterwards, outage);
  },
  judge(counts, { variant }) {
    if (variant.endsWith("outlived")) return judgeOutlived(counts);
    return variant.startsWith("short") ? judgeThird(counts) : judgeSimulatedThird(counts);
  },
};

/** Counted from the beginning of a session of which so much is served. */
export function outageOf(servedMs: number, outlives: boolean): Outage {
  const fromMs = servedMs / 3;
  return { fromMs, toMs: fromMs + (outlives ? 1.2 * servedMs : servedMs / 3), as: "unavailable" };
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
