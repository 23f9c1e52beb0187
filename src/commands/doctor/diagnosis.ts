/** What one call of upstream came to, and what its lifetime means for each client. Pure. */
import type { Credentials, Lifetime } from "../../credentials.ts";
import { type Calmness, calmnessOf } from "../../policy/calmness.ts";
import { clients } from "../../policy/clients.ts";
import type { ReportingPolicy } from "../../policy/reported-expiration.ts";
import { UNKNOWN_EXPIRATION } from "../../status/status.ts";
import { formatTime, MINUTE, SECOND } from "../../time.ts";
import { isSkewed } from "../../upstream/clock-skew.ts";
import type { UpstreamFailure } from "../../upstream/failure.ts";
import type { Finding, Severity } from "./finding.ts";

export type Probe =
  | { readonly kind: "reached"; readonly credentials: Credentials; readonly tookMs: number }
  | { readonly kind: "failed"; readonly failure: UpstreamFailure; readonly tookMs: number };

/** What decides between calm and storm besides a session's length. */
export interface Policy extends ReportingPolicy {
  /** In ms. */
  readonly minimumLifetimeMs: number;
}

export interface DiagnosisInput {
  readonly identity: string;
  readonly upstream: string;
  readonly probe: Probe;
  readonly now: number;
  readonly policy: Policy;
  /** The first duration that was asked for and the last, in seconds, when the role did not allow the first. */
  readonly steppedDown: { readonly askedS: number; readonly allowedS: number } | undefined;
  /** Upstream's clock less this one, in ms, when an answer told. */
  readonly clockOffset: number | undefined;
  /** The longest session that the role allows, in ms, as far as it is known. */
  readonly longest: number | undefined;
}

/** What one identity's upstream gave, or why it gave nothing. */
export function diagnose(input: DiagnosisInput): readonly Finding[] {
  const { identity, probe, now, policy, clockOffset } = input;
  const [steps, clock] = [stepFindings(identity, input.steppedDown), clockFindings(clockOffset)];
  if (probe.kind === "failed") return [failed(input, probe), ...steps, ...clock];
  const { lifetime } = probe.credentials;
  const call = { startedAt: now - probe.tookMs, endedAt: now };
  const length = lifetime.kind === "until" ? sessionLength(lifetime.expiration, call) : undefined;
  const found = [reached(input, probe), ...steps, ...longestSession(input), ...clock];
  // How often clients read says nothing of a session that has to be read again each minute.
  return lifetime.kind === "unknown" ? found : [...found, ...lifetimeFindings(identity, length, policy)];
}

function reached({ identity, upstream }: DiagnosisInput, probe: Extract<Probe, { kind: "reached" }>): Finding {
  const { lifetime, accountId, roleArn, accessKeyId } = probe.credentials;
  return {
    severity: "ok",
    code: "upstream-reached",
    identity,
    upstream,
    tookMs: probe.tookMs,
    roleArn,
    accountId,
    accessKeyIdEnding: accessKeyId.slice(-4),
    expiration: expirationOf(lifetime),
  };
}

function longestSession({ identity, longest }: DiagnosisInput): readonly Finding[] {
  if (longest === undefined) return [];
  return [{ severity: "ok", code: "longest-session", identity, lengthS: Math.round(longest / SECOND) }];
}

function expirationOf(lifetime: Lifetime): string | undefined {
  if (lifetime.kind === "until") return formatTime(lifetime.expiration);
  return lifetime.kind === "unknown" ? UNKNOWN_EXPIRATION : undefined;
}

function failed({ identity, upstream }: DiagnosisInput, probe: Extract<Probe, { kind: "failed" }>): Finding {
  const { kind, upstreamCode, message } = probe.failure;
  const { tookMs } = probe;
  return {
    severity: "wrong",
    code: "upstream-failed",
    identity,
    upstream,
    tookMs,
    failure: kind,
    upstreamCode,
    message,
  };
}

export interface Call {
  readonly startedAt: number;
  readonly endedAt: number;
}

/**
 * How long a session is that was issued during `call`; all in ms. The whole minute where there is one that fits, for
 * that is what upstreams issue: `Expiration` is in whole seconds, and nobody knows when in the call the session began.
 */
export function sessionLength(expiration: number, { startedAt, endedAt }: Call): number {
  const [most, least] = [startedAt, endedAt].map((time) => expiration - time) as [number, number];
  const minutes = Math.ceil((least - SECOND) / MINUTE) * MINUTE;
  return minutes <= most + SECOND ? minutes : Math.ceil(least / SECOND) * SECOND;
}

/** `clockOffset`: upstream's clock less this one, in ms. */
export function clockFindings(clockOffset: number | undefined): readonly Finding[] {
  if (clockOffset === undefined) return [];
  const offsetS = Math.round(clockOffset / SECOND);
  return isSkewed(offsetS)
    ? [{ severity: "wrong", code: "clock-skew", offsetS }]
    : [{ severity: "ok", code: "clock", offsetS }];
}

type Steps = DiagnosisInput["steppedDown"];

export function stepFindings(identity: string, steps: Steps): readonly Finding[] {
  return steps === undefined ? [] : [{ severity: "advice", code: "duration-stepped-down", identity, ...steps }];
}

const severities: Readonly<Record<Calmness, Severity>> = {
  calm: "ok",
  "calm-when-named": "advice",
  "now-and-then": "ok",
  storms: "advice",
};

/** What sessions of this length, in ms, mean for each client; static keys have none. */
export function lifetimeFindings(identity: string, length: number | undefined, policy: Policy): readonly Finding[] {
  const lengthS = length === undefined ? undefined : Math.round(length / SECOND);
  const lifetime: Finding = { severity: "ok", code: "lifetime", identity, lengthS };
  if (length === undefined) return [lifetime];
  const byVerdict = Map.groupBy(clients, ({ container: windows }) =>
    calmnessOf({ windows, lifetimeMs: length, minimumLifetimeMs: policy.minimumLifetimeMs, policy }),
  );
  const order = Object.keys(severities) as Calmness[];
  const found = order.flatMap((verdict): readonly Finding[] => {
    const named = byVerdict.get(verdict)?.map(({ name }) => name);
    if (named === undefined) return [];
    const every = named.length === clients.length;
    return [{ severity: severities[verdict], code: "clients", identity, verdict, clients: every ? "every" : named }];
  });
  return [lifetime, ...found];
}
