/** What the sidecar knows of itself, for people and for `doctor`. Pure; never a secret. */
import type { CacheState } from "../cache/credential-cache.ts";
import type { Lifetime } from "../credentials.ts";
import type { DropReason } from "../drops.ts";
import { honestExpiration } from "../policy/reported-expiration.ts";
import type { RefusalReason } from "../refusals.ts";
import type { ClientSeen } from "../telemetry/clients-seen.ts";
import type { ReasonCount } from "../telemetry/reason-counts.ts";
import type { UpstreamCall } from "../telemetry/upstream-calls.ts";
import type { UpstreamFacts } from "../telemetry/upstream-facts.ts";
import { formatTime, SECOND, wholeSeconds } from "../time.ts";
import type { UpstreamFailure } from "../upstream/failure.ts";
import { version } from "../version.ts";
import { type ClientStatus, describeClient } from "./client-status.ts";

/** All times as `YYYY-MM-DDTHH:MM:SSZ`. */
export interface IdentityStatus {
  readonly identity: string;
  readonly upstream: string;
  readonly state: "loading" | "cached" | "expired";
  readonly roleArn?: string | undefined;
  readonly accountId?: string | undefined;
  /** The last four characters: enough to find the key in CloudTrail, no use to anyone else. */
  readonly accessKeyIdEnding?: string;
  readonly obtained?: string;
  readonly expiration?: string;
  readonly honestExpiration?: string;
  readonly honestSecondsLeft?: number;
  readonly nextRefresh?: string | undefined;
  readonly failure?: { readonly class: string; readonly message: string; readonly code?: string };
  /** Upstream's clock less this one, in whole seconds, where its answers tell. */
  readonly clockOffsetSeconds?: number;
  /** Where the role does not allow the duration that was asked for. */
  readonly durationSteppedDown?: { readonly askedSeconds: number; readonly allowedSeconds: number };
  /** The last ones, the latest first. */
  readonly calls: readonly CallStatus[];
}

export interface CallStatus {
  readonly at: string;
  readonly tookMs: number;
  readonly result: UpstreamCall["result"];
  readonly message?: string;
}

export type RefusalStatus = CountStatus<RefusalReason>;
/** Connections that were ended before their peers wanted it. */
export type DropStatus = CountStatus<DropReason>;

export interface CountStatus<Reason extends string> {
  readonly reason: Reason;
  /** Since the start, and in the last five minutes. */
  readonly total: number;
  readonly lately: number;
  readonly last: string;
}

export interface Status {
  readonly version: string;
  /** When this was written. */
  readonly now: string;
  readonly ready: boolean;
  readonly settings: {
    readonly minimumLifetimeSeconds: number;
    readonly marginSeconds: number;
    readonly padding: boolean;
  };
  readonly identities: readonly IdentityStatus[];
  readonly clients: readonly ClientStatus[];
  readonly refusals: readonly RefusalStatus[];
  readonly drops: readonly DropStatus[];
  /** Labels of the clients that storm now. */
  readonly storming: readonly string[];
}

export interface StatusInput {
  readonly now: number;
  /** In ms. */
  readonly minimumLifetimeMs: number;
  readonly marginMs: number;
  readonly padding: boolean;
  readonly identities: ReadonlyMap<string, IdentityInput>;
  readonly clients: readonly ClientSeen[];
  readonly refusals: readonly ReasonCount<RefusalReason>[];
  readonly drops: readonly ReasonCount<DropReason>[];
  readonly storming: readonly string[];
}

/** For a session token without an expiration that can be believed. */
export const UNKNOWN_EXPIRATION = "unknown";

export interface IdentityInput {
  readonly upstream: string;
  readonly state: CacheState;
  readonly calls: readonly UpstreamCall[];
  readonly facts: UpstreamFacts;
}

export function statusOf({ now, minimumLifetimeMs, marginMs, padding, storming, ...seen }: StatusInput): Status {
  const identities = [...seen.identities].map(([identity, given]) => describe(identity, given, now, marginMs));
  return {
    version,
    now: formatTime(now),
    ready: identities.every(({ state }) => state === "cached"),
    settings: { minimumLifetimeSeconds: minimumLifetimeMs / SECOND, marginSeconds: marginMs / SECOND, padding },
    identities,
    clients: seen.clients.map((client) => describeClient(client, { storming, padding })),
    refusals: seen.refusals.map(describeCount),
    drops: seen.drops.map(describeCount),
    storming,
  };
}

function describeCount<Reason extends string>({ lastAt, ...count }: ReasonCount<Reason>): CountStatus<Reason> {
  return { ...count, last: formatTime(lastAt) };
}

function describe(identity: string, given: IdentityInput, now: number, marginMs: number): IdentityStatus {
  const { cached, failure, nextRefreshAt } = given.state;
  const common = {
    identity,
    upstream: given.upstream,
    nextRefresh: nextRefreshAt === undefined ? undefined : formatTime(nextRefreshAt),
    ...(failure === undefined ? {} : { failure: describeFailure(failure) }),
    ...describeFacts(given.facts),
    calls: given.calls.map(describeCall),
  };
  if (cached === undefined) return { ...common, state: "loading" };
  const { roleArn, accountId, accessKeyId, lifetime } = cached.credentials;
  const honest = honestExpiration(cached.credentials, now, marginMs);
  return {
    ...common,
    state: honest > now ? "cached" : "expired",
    roleArn,
    accountId,
    accessKeyIdEnding: accessKeyId.slice(-4),
    obtained: formatTime(cached.obtainedAt),
    expiration: describeExpiration(lifetime),
    honestExpiration: formatTime(honest),
    honestSecondsLeft: wholeSeconds(honest - now),
  };
}

function describeExpiration(lifetime: Lifetime): string {
  if (lifetime.kind === "until") return formatTime(lifetime.expiration);
  return lifetime.kind === "unknown" ? UNKNOWN_EXPIRATION : "none (static keys)";
}

function describeFailure({ kind, message, upstreamCode }: UpstreamFailure): NonNullable<IdentityStatus["failure"]> {
  return { class: kind, message, ...(upstreamCode === undefined ? {} : { code: upstreamCode }) };
}

function describeFacts({ clockOffset, steppedDown }: UpstreamFacts) {
  const { askedS, allowedS } = steppedDown ?? {};
  return {
    ...(clockOffset === undefined ? {} : { clockOffsetSeconds: Math.round(clockOffset / SECOND) }),
    ...(askedS === undefined || allowedS === undefined
      ? {}
      : { durationSteppedDown: { askedSeconds: askedS, allowedSeconds: allowedS } }),
  };
}

function describeCall({ at, tookMs, result, message }: UpstreamCall): CallStatus {
  return { at: formatTime(at), tookMs, result, ...(message === undefined ? {} : { message }) };
}

/** One line per identity: why it is ready or not. */
export function statusText({ ready, identities, storming }: Status): string {
  const lines = identities.map(({ identity, state, failure, honestSecondsLeft, nextRefresh }) => {
    const life = honestSecondsLeft === undefined ? "" : `, ${honestSecondsLeft} s left`;
    const trouble = failure === undefined ? "" : `; ${failure.message}`;
    return `${state === "cached" ? "ok" : "not ready"}: ${identity} ${state}${life}${trouble}; next try ${nextRefresh ?? "now"}`;
  });
  const storms = storming.map((label) => `storm: ${label} reads again and again`);
  return `${[ready ? "ready" : "not ready", ...lines, ...storms].join("\n")}\n`;
}
