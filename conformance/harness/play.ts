/** One client against one sidecar, or straight at the upstream, with an AWS and an upstream of its own. */
import { setTimeout as backoff } from "node:timers/promises";
import type { AwsReport } from "./aws.ts";
import { type ClientLine, type Load, runClient } from "./client-run.ts";
import { Hosted } from "./hosted.ts";
import { pointedAt, upstreamAt } from "./pointed-at.ts";
import { BrokenClientError, type Spec } from "./scenario.ts";
import type { SidecarCounts, SidecarOptions } from "./sidecar.ts";
import type { Stage } from "./stage.ts";
import type { UpstreamReport, UpstreamSettings } from "./upstream.ts";
import type { Counts } from "./verdict.ts";
import type { Opened } from "./world.ts";

export interface Play {
  readonly stage: Stage;
  readonly spec: Spec;
  readonly load: Load;
  readonly upstream: UpstreamSettings;
  /** `none`: the client reads straight from the upstream. */
  readonly sidecar: SidecarPart | "none";
  readonly clientEnv?: Readonly<Record<string, string>>;
  /** Happens while the client runs. */
  readonly during?: (cast: Cast) => Promise<void>;
}

export interface SidecarPart {
  /** Whether the client is named in the path of its container URI. */
  readonly named: boolean;
  /** Besides, or instead of, the upstream of this play. */
  readonly env?: Readonly<Record<string, string>>;
  readonly until?: SidecarOptions["until"];
  /** So many reads are answered with 503 before they reach the sidecar. */
  readonly refuse?: number;
}

/** Who is on the stage while the client runs. */
export interface Cast {
  readonly upstream: Opened;
  readonly sidecar: Hosted;
  /** Resolves when the local AWS has accepted a request, or the client has ended. */
  readonly firstRequest: () => Promise<void>;
  readonly isOver: () => boolean;
}

export async function play(given: Play): Promise<Counts> {
  const { stage } = given;
  const started = await stage.starts.enter();
  try {
    return await playNow(given, started);
  } finally {
    started();
  }
}

async function playNow(given: Play, started: () => void): Promise<Counts> {
  const { stage } = given;
  const aws = await stage.do("open-aws", {});
  const upstream = await stage.do("open-upstream", given.upstream);
  const hosted = await host(given, upstream);
  try {
    const line = await perform(given, aws, upstream, hosted, started);
    const issued = await stage.do("report-upstream", { id: upstream.id });
    const { outageEndsAt } = issued;
    const after = outageEndsAt === undefined ? {} : { after: outageEndsAt };
    const report = await stage.do("report-aws", { id: aws.id, ...after });
    return countsOf(line, report, issued, await hosted?.counts());
  } finally {
    await hosted?.stop();
    await Promise.all([aws, upstream].map(({ id }) => stage.do("close", { id })));
  }
}

async function host({ stage, sidecar, spec }: Play, upstream: Opened): Promise<Hosted | undefined> {
  if (sidecar === "none") return undefined;
  const { env, until = "ready" } = sidecar;
  const { client, protocol } = spec;
  // IMDS has no path to name a client in.
  const named = client.mustBeNamed && protocol === "imds" ? { SIDECAR_CLIENT: client.row } : {};
  return await Hosted.start(stage.clock, { ...upstreamAt(protocol, upstream.url), ...named, ...env }, until);
}

async function perform(
  given: Play,
  aws: Opened,
  upstream: Opened,
  hosted: Hosted | undefined,
  started: () => void,
): Promise<ClientLine> {
  const { stage, spec, load, during } = given;
  const { client } = spec;
  const env = { ...(await address(given, hosted?.url ?? upstream.url)), ...given.clientEnv };
  let over = false;
  const running = runClient(client, aws.url, env, load, stage.clock).finally(() => {
    over = true;
  });
  const isOver = () => over;
  const firstRequest = () => acceptedOne(stage, aws, isOver);
  const cast = hosted === undefined ? undefined : { upstream, sidecar: hosted, firstRequest, isOver };
  const happening = cast === undefined ? undefined : during?.(cast);
  const [end] = await Promise.all([running, happening, firstRequest().then(started)]);
  if (end.kind === "broken") throw new BrokenClientError(end.why);
  return end.line;
}

async function address({ stage, sidecar, spec }: Play, url: string): Promise<Readonly<Record<string, string>>> {
  const { protocol, client } = spec;
  const { named, refuse = 0 } =
    sidecar === "none" ? { named: false } : { ...sidecar, named: sidecar.named || client.mustBeNamed };
  const source = refuse === 0 ? url : (await stage.do("open-relay", { to: url, refuse })).url;
  return pointedAt({ protocol, url: source, row: named ? client.row : undefined });
}

const LOOK_EVERY_MS = 50;

/** Resolves at once, too, when the client has ended. */
async function acceptedOne(stage: Stage, { id }: Opened, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const { accepted } = await stage.do("report-aws", { id });
    if (accepted > 0) return;
    await backoff(LOOK_EVERY_MS);
  }
}

function countsOf(
  line: ClientLine,
  aws: AwsReport,
  upstream: UpstreamReport,
  sidecar: SidecarCounts | undefined,
): Counts {
  const { expired = 0, ...others } = aws.rejected;
  const { acceptedAgainAt } = aws;
  const { outageEndsAt } = upstream;
  const recovered = outageEndsAt !== undefined && acceptedAgainAt !== undefined;
  return {
    version: line.version,
    requests: line.requests,
    failed: line.failed,
    accepted: aws.accepted,
    late: expired,
    otherwiseRejected: Object.values(others).reduce((total, count) => total + count, 0),
    keys: aws.keys,
    p50Ms: line.p50Ms,
    p99Ms: line.p99Ms,
    upstreamCalls: upstream.calls,
    longestGapMs: aws.longestGapMs,
    hours: hoursOf(aws),
    ...(recovered ? { recoveryMs: acceptedAgainAt - outageEndsAt } : {}),
    ...(sidecar && { reads: sidecar.reads, unavailable: sidecar.unavailable, refreshes: sidecar.refreshes }),
    ...timesOf(line),
  };
}

function timesOf({ firstError, firstErrorAtMs, lastErrorAtMs, firstSuccessAtMs }: ClientLine): Partial<Counts> {
  return {
    ...(firstError === null ? {} : { firstError }),
    ...(firstErrorAtMs === null ? {} : { firstErrorAtMs }),
    ...(lastErrorAtMs === null ? {} : { lastErrorAtMs }),
    ...(firstSuccessAtMs === null ? {} : { firstSuccessAtMs }),
  };
}

/** From the first to the last accepted request, by the world's clock. */
function hoursOf({ firstAcceptedAt, lastAcceptedAt }: AwsReport): number {
  if (firstAcceptedAt === undefined || lastAcceptedAt === undefined) return 0;
  return Math.round((lastAcceptedAt - firstAcceptedAt) / 36_000) / 100;
}
