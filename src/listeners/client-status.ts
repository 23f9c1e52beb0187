/** One client as the status tells of it. Pure. */
import { findClient, type Protocol } from "../lifetime/clients.ts";
import { SECOND } from "../lifetime/renewal.ts";
import { formatTime } from "../lifetime/reported.ts";
import type { ClientSeen } from "../telemetry/clients-seen.ts";
import { stormCure } from "../telemetry/storm-cure.ts";
import { isInsideWindow } from "../telemetry/storms.ts";

/** `inside-window`: it reads at every use, but it is not used that often. `nothing`: it was told nothing yet. */
export type ClientVerdict = "calm" | "inside-window" | "storming" | "nothing";

/** All times as `YYYY-MM-DDTHH:MM:SSZ`. */
export interface ClientStatus {
  readonly identity: string;
  readonly label: string;
  readonly protocol: Protocol;
  readonly version?: string;
  readonly lastRead: string;
  readonly told?: { readonly at: string; readonly expiration: string; readonly secondsLeft: number };
  /** Its thresholds; left out when nobody knows which client it is. */
  readonly asksSeconds?: number;
  /** Where it draws its threshold anew: it reads at every use only below this, and now and then below the other. */
  readonly drawnFromSeconds?: number;
  /** What its padding counts on; left out when it is told the honest expiration. */
  readonly insistsSeconds?: number;
  readonly verdict: ClientVerdict;
  /** Oldest first; the last minute is not over. */
  readonly readsPerMinute: readonly number[];
  /** What makes it calm, when it is not. */
  readonly cure?: { readonly text: string; readonly line?: string };
}

export interface DescribeOptions {
  readonly storming: readonly string[];
  readonly padding: boolean;
}

export function describeClient(seen: ClientSeen, options: DescribeOptions): ClientStatus {
  const { identity, protocol, reader, version, told, lastReadAt, readsPerMinute } = seen;
  const drawnFrom = findClient(reader.label)?.[protocol].drawnFrom;
  const verdict = verdictOf(seen, drawnFrom, options.storming);
  return {
    identity,
    label: reader.label,
    protocol,
    ...(version === undefined ? {} : { version }),
    lastRead: formatTime(lastReadAt),
    ...(told === undefined ? {} : { told: describeTold(told) }),
    ...(reader.asks === undefined ? {} : { asksSeconds: reader.asks }),
    ...(drawnFrom === undefined ? {} : { drawnFromSeconds: drawnFrom }),
    ...(reader.thresholds === undefined ? {} : { insistsSeconds: reader.thresholds.insists }),
    verdict,
    readsPerMinute,
    ...cure(seen, verdict, options.padding),
  };
}

/** By what it had left when it read: what it has left now says only how long ago that was. */
function verdictOf(
  { reader, told }: ClientSeen,
  drawnFrom: number | undefined,
  storming: readonly string[],
): ClientVerdict {
  if (told === undefined) return "nothing";
  const lifetime = told.expiration - told.at;
  if (!isInsideWindow(reader, lifetime)) return "calm";
  if (storming.includes(reader.label)) return "storming";
  return drawnFrom !== undefined && lifetime > drawnFrom * SECOND ? "calm" : "inside-window";
}

function describeTold({ at, expiration }: NonNullable<ClientSeen["told"]>): NonNullable<ClientStatus["told"]> {
  const secondsLeft = Math.floor((expiration - at) / SECOND);
  return { at: formatTime(at), expiration: formatTime(expiration), secondsLeft };
}

function cure({ reader, protocol, told }: ClientSeen, verdict: ClientVerdict, padding: boolean) {
  if (told === undefined || verdict === "calm") return {};
  const { text, line } = stormCure({ reader, protocol, padding, reportedLifetime: told.expiration - told.at });
  return { cure: { text, ...(line === undefined ? {} : { line }) } };
}
