/**
 * 9. An hour in which STS does not answer in the first region, a sidecar that is killed in the middle of it, and a session
 * that is asked for at once when it is over.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { type Participants, runOnce } from "../harness/client-against-sidecar.ts";
import { oneHour } from "../harness/fake-upstream.ts";
import type { Fixture } from "../harness/fixture.ts";
import type { OpenedSts } from "../harness/fixture-server.ts";
import { type Context, type Scenario, type Spec, standsForAll } from "../harness/scenario.ts";
import { type Counts, failureOf, impatienceOf, type Judged, lessImpatience, onceStarted } from "../harness/verdict.ts";
import { isSimulated } from "./long-life.ts";

const [FIRST, FALLBACK] = ["eu-west-1", "eu-central-1"] as const;

const KILLED_AFTER_MS = HOUR / 2;
const ASKED_AFTER_MS = 5 * MINUTE;
/** Long enough for each client to read again after the forced refresh. */
const LENGTH_MS = 2.5 * HOUR;
const PACE_MS = 30 * SECOND;

const LOOK_EVERY_MS = 50;

/** A state file belongs on a volume that is memory, as in a pod. */
const MEMORY = "/dev/shm";

export const regionOutage: Scenario = {
  id: "region-outage",
  title: "Outage of a region",
  promise:
    "No request fails through an hour without STS in the first region, the sidecar killed in the middle of it, and a forced refresh after it.",
  together: 2,
  async variants(client, protocol, context) {
    const isWanted = protocol === "container" && !client.processPerRequest && (context.all || standsForAll(client));
    return isWanted && (await isSimulated(client, protocol, context)) ? ["1-hour"] : [];
  },
  async measure(context, spec) {
    const fixture = await context.simulated();
    const sts = await fixture.do("open-sts", { regions: [FIRST, FALLBACK], sessionMs: HOUR });
    const memory = await mkdtemp(join(MEMORY, "conformance-"));
    try {
      return await liveThrough(context, spec, fixture, sts, memory);
    } finally {
      await rm(memory, { recursive: true });
      await fixture.do("close", { id: sts.id });
    }
  },
  judge: judgeRegionOutage,
};

async function liveThrough(
  context: Context,
  spec: Spec,
  fixture: Fixture,
  sts: OpenedSts,
  memory: string,
): Promise<Counts> {
  const [token, certificate] = [join(context.folder, `token-${sts.id}`), join(context.folder, `ca-${sts.id}.pem`)];
  await Promise.all([writeFile(token, "fake-web-identity-token"), writeFile(certificate, sts.certificate)]);
  const issued = async () => (await fixture.do("report-sts", { id: sts.id })).issued;
  let told: Pick<Counts, "byFallback" | "byForce"> = { byFallback: 0, byForce: 0 };
  const counts = await runOnce({
    fixture,
    spec,
    load: {
      requests: Math.ceil(LENGTH_MS / PACE_MS),
      paceMs: PACE_MS,
      limitMs: (2 * LENGTH_MS) / fixture.clock.rate + 60_000,
    },
    // Nobody asks it: STS gives the sessions.
    upstream: oneHour,
    sidecar: {
      named: true,
      env: {
        SIDECAR_UPSTREAM: "web-identity",
        AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/orders",
        AWS_WEB_IDENTITY_TOKEN_FILE: token,
        AWS_REGION: FIRST,
        SIDECAR_STS_FALLBACK_REGIONS: FALLBACK,
        SIDECAR_STATE_FILE: join(memory, "state"),
        HTTPS_PROXY: sts.url,
        AWS_CA_BUNDLE: certificate,
      },
    },
    async during(participants) {
      await participants.firstRequest();
      told = await happen(fixture, sts, participants, issued);
    },
  });
  const total = Object.values(await issued()).reduce((sum, count) => sum + count, 0);
  return { ...counts, ...told, upstreamCalls: total };
}

async function happen(
  fixture: Fixture,
  { id }: OpenedSts,
  { sidecar, isOver }: Participants,
  issued: () => Promise<Readonly<Record<string, number>>>,
): Promise<Pick<Counts, "byFallback" | "byForce">> {
  const pass = (ms: number) => sleep(ms / fixture.clock.rate);
  await fixture.do("set-sts", { id, down: [FIRST] });
  await pass(KILLED_AFTER_MS);
  await sidecar.restart("killed");
  await pass(HOUR - KILLED_AFTER_MS);
  await fixture.do("set-sts", { id, down: [] });
  const { [FALLBACK]: byFallback = 0 } = await issued();
  await pass(ASKED_AFTER_MS);
  const { [FIRST]: before = 0 } = await issued();
  await sidecar.refresh();
  const byForce = async () => ((await issued())[FIRST] ?? 0) - before;
  while (!isOver() && (await byForce()) === 0) await sleep(LOOK_EVERY_MS);
  return { byFallback, byForce: await byForce() };
}

export function judgeRegionOutage(counts: Counts): Judged {
  const failure = failureOf(lessImpatience(onceStarted(counts)));
  if (failure !== undefined) return failure;
  const { byFallback = 0, byForce = 0 } = counts;
  if (byFallback === 0) return { verdict: "fails", remark: "the fallback region gave no session" };
  if (byForce === 0) return { verdict: "fails", remark: "the forced refresh got no session from the first region" };
  return { verdict: "works", remark: `${byFallback} sessions from the fallback region${impatienceOf(counts)}` };
}
