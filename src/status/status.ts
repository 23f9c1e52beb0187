/** The state of the sidecar as data, for the page, the summary and `doctor`. Pure; never a secret. */

import type { CacheState } from "../cache/options.ts";
import type { Lifetime, StsRegion } from "../credentials.ts";
import type { DropReason } from "../drops.ts";
import { honestExpiration } from "../policy/reported-expiration.ts";
import type { RefusalReason } from "../refusals.ts";
import type { ClientSeen } from "../telemetry/clients-seen.ts";
import type { Outage } from "../telemetry/outages.ts";
import type { ReasonCount } from "../telemetry/reason-counts.ts";
import type { UpstreamCall } from "../telemetry/upstream-calls.ts";
import type { UpstreamFacts } from "../telemetry/upstream-facts.ts";
import { formatTime, wholeSeconds } from "../time.ts";
import type { Step } from "../upstream/code-row.ts";
import type { FailureKind, UpstreamFailure } from "../upstream/failure.ts";
import { version } from "../version.ts";
import { type ClientStatus, describeClient } from "./client-status.ts";
import type { Configured } from "./configured.ts";

/** Instants are in milliseconds since the epoch by the wall clock. */
export interface Status {
  readonly version: string;
  /** The pod's host name. */
  readonly hostname: string;
  readonly startedAt: number;
  /** When this was written. */
  readonly now: number;
  readonly ready: boolean;
  /** Where credentials are served, as `HOST:PORT`. */
  readonly credentialsAt: readonly string[];
  readonly settings: StatusSettings;
  readonly identities: readonly IdentityStatus[];
  readonly clients: readonly ClientStatus[];
  readonly refusals: readonly ReasonCount<RefusalReason>[];
  /** Connections that were ended before their peers wanted it. */
  readonly drops: readonly ReasonCount<DropReason>[];
  /** Names of the clients that are in a refresh storm now. */
  readonly storming: readonly string[];
  /** Undefined when there is none. */
  readonly stateFile: StateFileStatus | undefined;
}

export interface StateFileStatus {
  readonly path: string;
  /** Why it is not kept, in words that complete "the state file PATH …"; undefined while it is. */
  readonly fault: string | undefined;
}

export interface StatusSettings {
  readonly minimumLifetimeMs: number;
  readonly marginMs: number;
  readonly padding: boolean;
}

export type IdentityStatus = IdentityFacts & Loaded;

/** `expired`: the honest expiration has passed, and reads get 503. */
type Loaded =
  | { readonly state: "loading"; readonly cached: undefined }
  | { readonly state: "cached" | "expired"; readonly cached: CachedStatus };

interface IdentityFacts {
  readonly identity: string;
  /** Every name in the path that leads to it. */
  readonly servedAs: readonly string[];
  readonly upstream: string;
  /** What the settings say of it, known before the first answer. */
  readonly configured: Configured;
  readonly nextRefreshAt: number | undefined;
  /** The failure of the last attempt; undefined when it succeeded. */
  readonly failure: FailureStatus | undefined;
  /** Since the last success; undefined when the last attempt succeeded. */
  readonly outage: Outage | undefined;
  readonly facts: UpstreamFacts;
  /** The latest calls, newest first. */
  readonly calls: readonly UpstreamCall[];
}

export interface CachedStatus {
  readonly roleArn: string | undefined;
  readonly accountId: string | undefined;
  /** Where STS gave them; undefined when another upstream did, or a configured endpoint. */
  readonly sts: StsRegion | undefined;
  /** The last four characters: enough to find the key in CloudTrail, no use to anyone else. */
  readonly accessKeyIdEnding: string;
  readonly obtainedAt: number;
  readonly lifetime: Lifetime;
  readonly honestExpiration: number;
  /** Set when the state file held them at the start. */
  readonly fromState?: true;
}

export interface FailureStatus {
  readonly kind: FailureKind;
  readonly message: string;
  readonly upstreamCode: string | undefined;
  readonly remedy: string;
  readonly step: Step;
}

export interface StatusInput
  extends Pick<
    Status,
    "hostname" | "startedAt" | "now" | "credentialsAt" | "settings" | "refusals" | "drops" | "stateFile"
  > {
  readonly identities: readonly IdentityInput[];
  readonly clients: readonly ClientSeen[];
  readonly storming: readonly string[];
}

export interface IdentityInput
  extends Pick<IdentityFacts, "identity" | "servedAs" | "upstream" | "configured" | "outage" | "facts" | "calls"> {
  readonly cache: CacheState;
}

export function statusOf({ identities: given, clients, ...input }: StatusInput): Status {
  const { now, settings, storming } = input;
  const identities = given.map((identity) => describe(identity, now, settings.marginMs));
  return {
    version,
    ...input,
    ready: identities.every(({ state }) => state === "cached"),
    identities,
    clients: clients.map((client) => describeClient(client, { storming, padding: settings.padding })),
  };
}

function describe({ cache, ...given }: IdentityInput, now: number, marginMs: number): IdentityStatus {
  const { cached, failure, nextRefreshAt } = cache;
  const facts = { ...given, nextRefreshAt, failure: failure && describeFailure(failure) };
  if (cached === undefined) return { ...facts, state: "loading", cached };
  const { roleArn, accountId, accessKeyId, lifetime, sts } = cached.credentials;
  const honest = honestExpiration(cached.credentials, now, marginMs);
  return {
    ...facts,
    state: honest > now ? "cached" : "expired",
    cached: {
      roleArn,
      accountId,
      sts,
      accessKeyIdEnding: accessKeyId.slice(-4),
      obtainedAt: cached.obtainedAt,
      lifetime,
      honestExpiration: honest,
      ...(cached.fromState && { fromState: cached.fromState }),
    },
  };
}

function describeFailure({ kind, message, upstreamCode, remedy, step }: UpstreamFailure): FailureStatus {
  return { kind, message, upstreamCode, remedy, step };
}

/** One line per identity, for `/readyz?verbose`: `ready`, or the reason why it is not. */
export function statusText({ now, ready, identities, storming }: Status): string {
  const lines = identities.map(({ identity, state, cached, failure, nextRefreshAt }) => {
    const left = cached === undefined ? "" : `, ${wholeSeconds(cached.honestExpiration - now)} s left`;
    const why = failure === undefined ? "" : `; ${failure.message}`;
    const next = nextRefreshAt === undefined ? "in progress" : formatTime(nextRefreshAt);
    return `${state === "cached" ? "ok" : "not ready"}: ${identity} ${state}${left}${why}; next refresh ${next}`;
  });
  const storms = storming.map((name) => `refresh storm: ${name} reads at every use`);
  return `${[ready ? "ready" : "not ready", ...lines, ...storms].join("\n")}\n`;
}
