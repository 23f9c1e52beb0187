/** One client against one sidecar, or straight at the upstream, with an AWS and an upstream of its own. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ClientLine, type Load, runClient } from "./client-run.ts";
import type { AwsReport } from "./fake-aws.ts";
import type { UpstreamReport, UpstreamSettings } from "./fake-upstream.ts";
import type { Fixture } from "./fixture.ts";
import type { Opened } from "./fixture-server.ts";
import { Hosted } from "./hosted.ts";
import { fixedAddressOf, forward } from "./link-local.ts";
import { pointedAt, upstreamAt } from "./pointed-at.ts";
import { BrokenClientError, type Spec } from "./scenario.ts";
import type { SidecarCounts, SidecarOptions } from "./sidecar.ts";
import type { Counts } from "./verdict.ts";

export interface ClientRun {
  readonly fixture: Fixture;
  readonly spec: Spec;
  readonly load: Load;
  readonly upstream: UpstreamSettings;
  /** `none`: the client reads straight from the upstream. */
  readonly sidecar: SidecarPart | "none";
  readonly clientEnv?: Readonly<Record<string, string>>;
  /** Happens while the client runs. */
  readonly during?: (participants: Participants) => Promise<void>;
}

export interface SidecarPart {
  /** Whether the client is named in the path of its container URI. */
  readonly named: boolean;
  /** Besides, or instead of, the upstream of this run. */
  readonly env?: Readonly<Record<string, string>>;
  readonly until?: SidecarOptions["until"];
  /** So many reads are answered with 503 before they reach the sidecar. */
  readonly refuse?: number;
}

/** What a run can act on while its client runs. */
export interface Participants {
  readonly upstream: Opened;
  readonly sidecar: Hosted;
  /** Resolves when the local AWS has accepted a request, or the client has ended. */
  readonly firstRequest: () => Promise<void>;
  readonly isOver: () => boolean;
}

export async function runOnce(given: ClientRun): Promise<Counts> {
  const { fixture } = given;
  const started = await fixture.starts.enter();
  try {
    return await runStarted(given, started);
  } finally {
    started();
  }
}

async function runStarted(given: ClientRun, started: () => void): Promise<Counts> {
  const { fixture } = given;
  const aws = await fixture.do("open-aws", {});
  const upstream = await fixture.do("open-upstream", given.upstream);
  const hosted = await host(given, upstream);
  const at = hosted === undefined ? fixedAddressOf(given.spec.client) : undefined;
  const forwarded = at === undefined ? undefined : await forward(at, upstream.url);
  try {
    const line = await runWithParticipants(given, aws, upstream, hosted, started);
    const issued = await fixture.do("report-upstream", { id: upstream.id });
    const { outageEndsAt } = issued;
    const after = outageEndsAt === undefined ? {} : { after: outageEndsAt };
    const report = await fixture.do("report-aws", { id: aws.id, ...after });
    return countsOf(line, report, issued, await hosted?.counts());
  } finally {
    await hosted?.stop();
    await forwarded?.close();
    await Promise.all([aws, upstream].map(({ id }) => fixture.do("close", { id })));
  }
}

async function host({ fixture, sidecar, spec }: ClientRun, upstream: Opened): Promise<Hosted | undefined> {
  if (sidecar === "none") return undefined;
  const { env, until = "ready" } = sidecar;
  const { client, protocol } = spec;
  // IMDS has no path to name a client in.
  const named = client.mustBeNamed && protocol === "imds" ? { SIDECAR_CLIENT: client.row } : {};
  const at = fixedAddressOf(client);
  const where = at === undefined ? [] : [at];
  return await Hosted.start(fixture.clock, where, { ...upstreamAt(protocol, upstream.url), ...named, ...env }, until);
}

async function runWithParticipants(
  given: ClientRun,
  aws: Opened,
  upstream: Opened,
  hosted: Hosted | undefined,
  started: () => void,
): Promise<ClientLine> {
  const { fixture, spec, load, during } = given;
  const { client } = spec;
  const env = { ...(await address(given, hosted?.url ?? upstream.url)), ...given.clientEnv };
  let over = false;
  const running = runClient(client, aws.url, env, load, fixture.clock).finally(() => {
    over = true;
  });
  const isOver = () => over;
  const firstRequest = () => acceptedOne(fixture, aws, isOver);
  const participants = hosted === undefined ? undefined : { upstream, sidecar: hosted, firstRequest, isOver };
  const happening = participants === undefined ? undefined : during?.(participants);
  const [end] = await Promise.all([running, happening, firstRequest().then(started)]);
  if (end.kind === "broken") throw new BrokenClientError(end.why);
  return end.line;
}

async function address({ fixture, sidecar, spec }: ClientRun, url: string): Promise<Readonly<Record<string, string>>> {
  const { protocol, client } = spec;
  const { named, refuse = 0 } =
    sidecar === "none" ? { named: false } : { ...sidecar, named: sidecar.named || client.mustBeNamed };
  const source = refuse === 0 ? url : (await fixture.do("open-relay", { to: url, refuse })).url;
  return pointedAt({ protocol, url: source, row: named ? client.row : undefined, setup: client.setup });
}

const LOOK_EVERY_MS = 50;

/** Resolves at once, too, when the client has ended. */
async function acceptedOne(fixture: Fixture, { id }: Opened, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const { accepted } = await fixture.do("report-aws", { id });
    if (accepted > 0) return;
    await sleep(LOOK_EVERY_MS);
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
    ...(others.unsigned === undefined ? {} : { unsigned: others.unsigned }),
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

/** From the first to the last accepted request, by the fixture's clock. */
function hoursOf({ firstAcceptedAt, lastAcceptedAt }: AwsReport): number {
  if (firstAcceptedAt === undefined || lastAcceptedAt === undefined) return 0;
  return Math.round((lastAcceptedAt - firstAcceptedAt) / 36_000) / 100;
}
