/** One client as the status tells of it. Pure. */
import { findClient, type Protocol } from "../policy/clients.ts";
import type { ClientSeen } from "../telemetry/clients-seen.ts";
import { stormRemedy } from "../telemetry/storm-remedy.ts";
import { isInsideWindow } from "../telemetry/storms.ts";
import { formatTime, SECOND, wholeSeconds } from "../time.ts";

/** `inside-window`: it reads at every use, but it is not used that often. `nothing`: it was told nothing yet. */
export type ClientVerdict = "calm" | "inside-window" | "storming" | "nothing";

/** All times as `YYYY-MM-DDTHH:MM:SSZ`. */
export interface ClientStatus {
  readonly identity: string;
  readonly label: string;
  readonly protocol: Protocol;
  readonly version?: string;
  readonly lastRead: string;
  readonly reported?: { readonly at: string; readonly expiration: string; readonly secondsLeft: number };
  /** Its thresholds; left out when nobody knows which client it is. */
  readonly advisoryWindowSeconds?: number;
  /** Where it draws its threshold anew: it reads at every use only below this, and now and then below the other. */
  readonly shortestAdvisoryWindowSeconds?: number;
  /** What its padding counts on; left out when it is told the honest expiration. */
  readonly mandatoryWindowSeconds?: number;
  readonly verdict: ClientVerdict;
  /** Oldest first; the last minute is not over. */
  readonly readsPerMinute: readonly number[];
  /** What makes it calm, when it is not. */
  readonly remedy?: { readonly text: string; readonly line?: string };
}

export interface DescribeOptions {
  readonly storming: readonly string[];
  readonly padding: boolean;
}

export function describeClient(seen: ClientSeen, options: DescribeOptions): ClientStatus {
  const { identity, protocol, client, version, reported, lastReadAt, readsPerMinute } = seen;
  const shortestAdvisorySeconds = findClient(client.label)?.[protocol].shortestAdvisorySeconds;
  const verdict = verdictOf(seen, shortestAdvisorySeconds, options.storming);
  return {
    identity,
    label: client.label,
    protocol,
    ...(version === undefined ? {} : { version }),
    lastRead: formatTime(lastReadAt),
    ...(reported === undefined ? {} : { reported: describeReported(reported) }),
    ...(client.advisorySeconds === undefined ? {} : { advisoryWindowSeconds: client.advisorySeconds }),
    ...(shortestAdvisorySeconds === undefined ? {} : { shortestAdvisoryWindowSeconds: shortestAdvisorySeconds }),
    ...(client.windows === undefined ? {} : { mandatoryWindowSeconds: client.windows.mandatorySeconds }),
    verdict,
    readsPerMinute,
    ...remedy(seen, verdict, options.padding),
  };
}

/** By what it had left when it read: what it has left now says only how long ago that was. */
function verdictOf(
  { client, reported }: ClientSeen,
  shortestAdvisorySeconds: number | undefined,
  storming: readonly string[],
): ClientVerdict {
  if (reported === undefined) return "nothing";
  const lifetime = reported.expiration - reported.at;
  if (!isInsideWindow(client, lifetime)) return "calm";
  if (storming.includes(client.label)) return "storming";
  return shortestAdvisorySeconds !== undefined && lifetime > shortestAdvisorySeconds * SECOND
    ? "calm"
    : "inside-window";
}

function describeReported({
  at,
  expiration,
}: NonNullable<ClientSeen["reported"]>): NonNullable<ClientStatus["reported"]> {
  const secondsLeft = wholeSeconds(expiration - at);
  return { at: formatTime(at), expiration: formatTime(expiration), secondsLeft };
}

function remedy({ client, protocol, reported }: ClientSeen, verdict: ClientVerdict, padding: boolean) {
  if (reported === undefined || verdict === "calm") return {};
  const { text, line } = stormRemedy({
    client,
    protocol,
    padding,
    reportedLifetime: reported.expiration - reported.at,
  });
  return { remedy: { text, ...(line === undefined ? {} : { line }) } };
}
