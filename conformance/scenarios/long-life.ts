/** 3. Hours of simulated time, steady signing: nothing is rejected, and reads stay few. */

import { setTimeout as sleep } from "node:timers/promises";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { type Participants, runOnce } from "../harness/client-against-sidecar.ts";
import { seesFakedClock } from "../harness/clock-probe.ts";
import { kiam, type Outage, oneHour, type UpstreamSettings } from "../harness/fake-upstream.ts";
import type { Fixture } from "../harness/fixture.ts";
import { PROCESS_MS, requestsOf } from "../harness/load.ts";
import type { Context, Scenario, Spec } from "../harness/scenario.ts";
import { type Counts, failureOf, impatienceOf, type Judged, lessImpatience, onceStarted } from "../harness/verdict.ts";

/** A session length, and how it is lived through. */
export interface Life {
  readonly clock: "simulated" | "real";
  readonly upstream: UpstreamSettings;
  /** How long of a session is served: all of it but the margin. */
  readonly servedMs: number;
  readonly lengthMs: number;
  readonly fullLengthMs: number;
  readonly paceMs: number;
}

const fifteenMinutes: Life = {
  clock: "simulated",
  upstream: kiam,
  servedMs: 14 * MINUTE,
  lengthMs: HOUR,
  fullLengthMs: 24 * HOUR,
  paceMs: 15 * SECOND,
};

export const lives: Readonly<Record<string, Life>> = {
  "15-minute": fifteenMinutes,
  "1-hour": {
    clock: "simulated",
    upstream: oneHour,
    servedMs: 59 * MINUTE,
    lengthMs: 2 * HOUR,
    fullLengthMs: 24 * HOUR,
    paceMs: 30 * SECOND,
  },
};

/** Upstream's clock is ahead of everybody's, by less than the margin: what it says of the end comes too late. */
const SKEW_MS = 45 * SECOND;
const SKEWED = `15-minute, ${SKEW_MS / SECOND} s ahead`;
const skewed: Life = { ...fifteenMinutes, upstream: { ...kiam, skewMs: SKEW_MS }, lengthMs: HOUR / 2 };

/** The full form keeps its own line in the table. */
const A_DAY = ", a day";

/** For runtimes that keep to the real clock: sessions that end while one waits. */
export const short: Life = {
  clock: "real",
  upstream: { ...oneHour, sessionMs: 30 * SECOND, keepUntilMs: 30 * SECOND },
  servedMs: 20 * SECOND,
  lengthMs: 45 * SECOND,
  fullLengthMs: 45 * SECOND,
  paceMs: 200,
};

/** With the smallest margin that may be set, a session of 30 s is reported for 20 s. */
const SHORT_SIDECAR = { SIDECAR_EXPIRATION_MARGIN: "10s", SIDECAR_MINIMUM_LIFETIME: "1m" };

export const longLife: Scenario = {
  id: "long-life",
  title: "Long life",
  promise: "Hours of steady signing without one rejected request, and reads for fewer than half of the requests.",
  together: 16,
  async variants(client, protocol, context) {
    if (!(await isSimulated(client, protocol, context))) return ["short"];
    const names = [...Object.keys(lives), ...(protocol === "container" ? [SKEWED] : [])];
    return context.all ? names.map((name) => `${name}${A_DAY}`) : names;
  },
  async measure(context, spec) {
    const name = spec.variant.replace(A_DAY, "");
    const life = name === SKEWED ? skewed : (lives[name] ?? short);
    return await live(context, spec, life, name === spec.variant ? life.lengthMs : life.fullLengthMs);
  },
  judge: judgeLife,
};

/** What a verdict depends on besides the counts. */
export interface Lived {
  readonly client: Pick<Spec["client"], "processPerRequest">;
  readonly variant: string;
}

export function judgeLife(counts: Counts, { client, variant }: Lived): Judged {
  const simulated = variant !== "short";
  const failure = failureOf(simulated ? lessImpatience(onceStarted(counts)) : onceStarted(counts));
  if (failure !== undefined) return failure;
  return simulated ? judgeHours(counts, client) : judgeShort(counts);
}

export async function isSimulated(client: Spec["client"], protocol: Spec["protocol"], context: Context) {
  return await seesFakedClock(client, protocol, await context.simulated());
}

/** Signs at its pace for so long by the clock of its life; an outage counts from a session that began meanwhile. */
export async function live(
  context: Context,
  spec: Spec,
  life: Life,
  lengthMs: number,
  outage?: Outage,
): Promise<Counts> {
  const simulated = life.clock === "simulated";
  const fixture = await (simulated ? context.simulated() : context.real());
  return await runOnce({
    fixture,
    spec,
    load: loadOf(fixture, spec, life, lengthMs),
    upstream: life.upstream,
    sidecar: { named: spec.protocol === "container", env: simulated ? {} : SHORT_SIDECAR },
    clientEnv: simulated ? PATIENT : {},
    async during(participants) {
      await participants.firstRequest();
      if (outage === undefined) return;
      await nextSession(fixture, participants);
      await fixture.do("set-upstream", { id: participants.upstream.id, changes: { outage } });
    },
  });
}

const LOOK_EVERY_MS = 20;

/** A client may take minutes of the faked clock to start; the session that it finds then is half over. */
async function nextSession(fixture: Fixture, { upstream, isOver }: Participants): Promise<void> {
  const issued = async () => (await fixture.do("report-upstream", { id: upstream.id })).issued;
  const before = await issued();
  while (!isOver() && (await issued()) === before) await sleep(LOOK_EVERY_MS);
}

/** A second of the faked clock is 17 ms: too short for an answer on a busy machine, however healthy the server. */
const PATIENT = { AWS_METADATA_SERVICE_TIMEOUT: "30" };

/** Of a command line, over the whole length: what it reads does not depend on what it read before. */
const PROCESSES = 10;

function loadOf({ clock }: Fixture, { client }: Spec, { paceMs }: Life, lengthMs: number) {
  const asMany = Math.ceil(lengthMs / paceMs);
  const requests = requestsOf(client, asMany, PROCESSES);
  const limitMs = (2 * lengthMs) / clock.rate + 60_000 + (client.processPerRequest ? requests * PROCESS_MS : 0);
  return { requests, paceMs: (paceMs * asMany) / requests, limitMs };
}

/** A storm reads for each request. Less than a third is what the few minutes before a refresh cost those that ask early. */
const READS_PER_REQUEST = 0.5;

function judgeHours(counts: Counts, client: Lived["client"]): Judged {
  const { requests, reads = 0, upstreamCalls = 0, hours } = counts;
  const perHour = (count: number) => Math.round((count / Math.max(hours, 0.01)) * 10) / 10;
  const remark = `${hours.toFixed(1)} h: ${perHour(reads)} reads and ${perHour(upstreamCalls)} upstream calls an hour${impatienceOf(counts)}`;
  const calm = client.processPerRequest || reads <= READS_PER_REQUEST * requests;
  return { verdict: calm ? "calm" : "storms", remark };
}

function judgeShort({ keys }: Counts): Judged {
  return { verdict: "works", remark: `its runtime ignores libfaketime: ${keys} sessions of 30 s in real time` };
}
