/** One client as the status shows it. Pure. */
import { findClient, type Protocol } from "../policy/clients.ts";
import type { ClientSeen } from "../telemetry/clients-seen.ts";
import { type StormRemedy, stormRemedy } from "../telemetry/storm-remedy.ts";
import { isInsideWindow } from "../telemetry/storms.ts";
import { SECOND } from "../time.ts";

/**
 * `inside-window`: it reads at every use, but is not used often enough for a refresh storm. `nothing`: it has not got
 * any credentials yet.
 */
export const clientStates = ["calm", "inside-window", "storming", "nothing"] as const;
export type ClientState = (typeof clientStates)[number];

/** Instants are in milliseconds since the epoch by the wall clock. */
export interface ClientStatus {
  readonly identity: string;
  readonly name: string;
  readonly protocol: Protocol;
  readonly version: string | undefined;
  readonly lastReadAt: number;
  /** True when the last read got credentials, rather than a 503. */
  readonly lastReadServed: boolean;
  /** The last answer that held credentials. */
  readonly reported: { readonly at: number; readonly expiration: number } | undefined;
  /** Undefined for an unrecognised client. */
  readonly advisorySeconds: number | undefined;
  /** Set for a client that draws its advisory window anew: it reads at every use only below this. */
  readonly shortestAdvisorySeconds: number | undefined;
  /** What its padding relies on; undefined when it gets the honest expiration. */
  readonly mandatorySeconds: number | undefined;
  readonly state: ClientState;
  /** Oldest first; the last minute is not over. */
  readonly readsPerMinute: readonly number[];
  /** The remedy, when it is not calm. */
  readonly remedy: StormRemedy | undefined;
}

export interface DescribeOptions {
  readonly storming: readonly string[];
  readonly padding: boolean;
}

export function describeClient(seen: ClientSeen, { storming, padding }: DescribeOptions): ClientStatus {
  const { client, protocol, reported, ...rest } = seen;
  const shortestAdvisorySeconds = findClient(client.name)?.[protocol].shortestAdvisorySeconds;
  const state = stateOf(seen, shortestAdvisorySeconds, storming);
  const remedy =
    reported === undefined || state === "calm"
      ? undefined
      : stormRemedy({ client, protocol, padding, reportedLifetimeMs: reported.expiration - reported.at });
  return {
    ...rest,
    name: client.name,
    protocol,
    reported,
    advisorySeconds: client.advisorySeconds,
    shortestAdvisorySeconds,
    mandatorySeconds: client.windows?.mandatorySeconds,
    state,
    remedy,
  };
}

/** By the lifetime that was left when it read: what is left now shows only how long ago that was. */
function stateOf(
  { client, reported }: ClientSeen,
  shortestAdvisorySeconds: number | undefined,
  storming: readonly string[],
): ClientState {
  if (reported === undefined) return "nothing";
  const lifetimeMs = reported.expiration - reported.at;
  if (!isInsideWindow(client, lifetimeMs)) return "calm";
  if (storming.includes(client.name)) return "storming";
  return shortestAdvisorySeconds !== undefined && lifetimeMs > shortestAdvisorySeconds * SECOND
    ? "calm"
    : "inside-window";
}
