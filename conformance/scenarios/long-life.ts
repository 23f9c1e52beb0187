/** 3. Hours of simulated time, steady signing: nothing is rejected, and reads stay few. */
import { seesFakedClock } from "../harness/clock-probe.ts";
import { PROCESS_MS } from "../harness/load.ts";
import { play } from "../harness/play.ts";
import type { Context, Scenario, Spec } from "../harness/scenario.ts";
import type { Stage } from "../harness/stage.ts";
import { kiam, type Outage, oneHour, type UpstreamSettings } from "../harness/upstream.ts";
import { type Counts, failureOf, type Judged, onceStarted } from "../harness/verdict.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A session length, and how it is lived through. */
export interface Life {
  readonly clock: "simulated" | "real";
  readonly upstream: UpstreamSettings;
  readonly lengthMs: number;
  readonly fullLengthMs: number;
  readonly paceMs: number;
}

export const lives: Readonly<Record<string, Life>> = {
  "15-minute": {
    clock: "simulated",
    upstream: kiam,
    lengthMs: HOUR,
    fullLengthMs: 24 * HOUR,
    paceMs: 15 * SECOND,
  },
  "1-hour": { clock: "simulated", upstream: oneHour, lengthMs: 2 * HOUR, fullLengthMs: 24 * HOUR, paceMs: 30 * SECOND },
};

/** For runtimes that keep to the real clock: sessions that end while one waits. */
export const short: Life = {
  clock: "real",
  upstream: { ...oneHour, sessionMs: 30 * SECOND, keepUntilMs: 30 * SECOND },
  lengthMs: 45 * SECOND,
  fullLengthMs: 45 * SECOND,
  paceMs: 200,
};

/** With the smallest margin that may be set, a session of 30 s is reported for 20 s. */
const SHORT_SIDECAR = { SIDECAR_EXPIRATION_MARGIN: "10s", SIDECAR_MINIMUM_LIFETIME: "1m" };

export const longLife: Scenario = {
  id: "long-life",
  title: "Long life",
  promise: "Hours of steady signing without one rejected request, and at most a read a minute.",
  together: 16,
  async variants(client, protocol, context) {
    return (await isSimulated(client, protocol, context)) ? Object.keys(lives) : ["short"];
  },
  async measure(context, spec) {
    const life = lives[spec.variant] ?? short;
    return await live(context, spec, life, context.all ? life.fullLengthMs : life.lengthMs);
  },
  judge: judgeLife,
  isDoubtful: ({ verdict }) => verdict === "fails",
};

/** What a verdict depends on besides the counts. */
export interface Lived {
  readonly client: Pick<Spec["client"], "processPerRequest">;
  readonly variant: string;
}

export function judgeLife(counts: Counts, { client, variant }: Lived): Judged {
  const failure = failureOf(onceStarted(counts));
  if (failure !== undefined) return failure;
  return variant === "short" ? judgeShort(counts) : judgeHours(counts, client);
}

export async function isSimulated(client: Spec["client"], protocol: Spec["protocol"], context: Context) {
  return await seesFakedClock(client, protocol, await context.simulated());
}

/** Signs at its pace for so long by the clock of its life; an outage counts from its first request. */
export async function live(
  context: Context,
  spec: Spec,
  life: Life,
  lengthMs: number,
  outage?: Outage,
): Promise<Counts> {
  const simulated = life.clock === "simulated";
  const stage = await (simulated ? context.simulated() : context.real());
  return await play({
    stage,
    spec,
    load: loadOf(stage, spec, life, lengthMs),
    upstream: life.upstream,
    sidecar: { named: spec.protocol === "container", env: simulated ? {} : SHORT_SIDECAR },
    clientEnv: simulated ? PATIENT : {},
    async during({ firstRequest, upstream }) {
      await firstRequest();
      if (outage !== undefined) await stage.do("set-upstream", { id: upstream.id, changes: { outage } });
    },
  });
}

/** A second of the faked clock is 17 ms: too short for an answer on a busy machine, however healthy the server. */
const PATIENT = { AWS_METADATA_SERVICE_TIMEOUT: "30" };

function loadOf({ clock }: Stage, { client }: Spec, { paceMs }: Life, lengthMs: number) {
  const perRequestMs = paceMs + (client.processPerRequest ? PROCESS_MS * clock.rate : 0);
  const requests = Math.ceil(lengthMs / perRequestMs);
  return { requests, paceMs, limitMs: (2 * lengthMs) / clock.rate + 60_000 };
}

const READS_PER_HOUR = 60;

function judgeHours({ reads = 0, upstreamCalls = 0, hours }: Counts, client: Lived["client"]): Judged {
  const perHour = (count: number) => Math.round((count / Math.max(hours, 0.01)) * 10) / 10;
  const remark = `${hours.toFixed(1)} h: ${perHour(reads)} reads and ${perHour(upstreamCalls)} upstream calls an hour`;
  const calm = client.processPerRequest || reads <= READS_PER_HOUR * hours;
  return { verdict: calm ? "calm" : "storms", remark };
}

function judgeShort({ keys }: Counts): Judged {
  return { verdict: "works", remark: `its runtime ignores libfaketime: ${keys} sessions of 30 s in real time` };
}
