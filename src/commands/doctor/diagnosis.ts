/** What one call of upstream gave, and what its lifetime means for each client. Pure. */
import type { Credentials, Lifetime } from "../../credentials.ts";
import { type Calmness, calmnessOf } from "../../policy/calmness.ts";
import { clients } from "../../policy/clients.ts";
import type { ReportingPolicy } from "../../policy/reported-expiration.ts";
import type { Configured } from "../../status/configured.ts";
import { nextStep } from "../../status/next-step.ts";
import { fallbackSentence } from "../../status/summary.ts";
import type { Fallback } from "../../telemetry/upstream-facts.ts";
import { formatDuration, formatTime, MINUTE, SECOND } from "../../time.ts";
import { clockSkewRemedy, isSkewed, skewSentence } from "../../upstream/clock-skew.ts";
import type { UpstreamFailure } from "../../upstream/failure.ts";
import type { SessionDuration } from "../../upstream/requested-duration.ts";
import { durationFindings } from "./duration.ts";
import type { Finding, Severity } from "./finding.ts";
import { describeKey, endless, foreignKeyFindings } from "./key.ts";

export type Probe =
  | { readonly kind: "reached"; readonly credentials: Credentials; readonly tookMs: number }
  | { readonly kind: "failed"; readonly failure: UpstreamFailure; readonly tookMs: number };

/** The settings that, with a session's length, decide whether a client stays calm. */
export interface Policy extends ReportingPolicy {
  readonly minimumLifetimeMs: number;
}

export interface DiagnosisInput {
  readonly identity: string;
  readonly upstream: string;
  /** What the settings say of it. */
  readonly configured: Configured;
  readonly probe: Probe;
  readonly now: number;
  readonly policy: Policy;
  /** Undefined when the duration of the session was not ours to set. */
  readonly sessionDuration: SessionDuration | undefined;
  /** How far upstream's clock is ahead of this one; undefined when no answer had a date. */
  readonly clockOffsetMs: number | undefined;
  /** Set when a fallback region of STS answered in the place of the first. */
  readonly fallback?: Fallback | undefined;
}

/** Says what one identity's upstream gave, or why it gave nothing. */
export function diagnose(input: DiagnosisInput): readonly Finding[] {
  const { identity, probe, now, policy } = input;
  const measured = [...durationFindings(identity, input.sessionDuration), ...clockFindings(input.clockOffsetMs)];
  if (probe.kind === "failed") return [failed(input, probe), ...measured];
  const { lifetime } = probe.credentials;
  const session: Session =
    lifetime.kind === "until"
      ? {
          kind: "until",
          lengthMs: sessionLengthMs(lifetime.expiration, { startedAt: now - probe.tookMs, endedAt: now }),
        }
      : lifetime;
  return [
    reached(input, probe),
    ...foreignKeyFindings(identity, probe.credentials),
    ...measured,
    ...fallbackFindings(identity, input.fallback),
    ...lifetimeFindings(identity, session, policy),
  ];
}

function reached({ identity, upstream }: DiagnosisInput, probe: Extract<Probe, { kind: "reached" }>): Finding {
  const { lifetime, accountId, roleArn, accessKeyId } = probe.credentials;
  const accessKeyIdEnding = accessKeyId.slice(-4);
  const { tookMs } = probe;
  const expiration = lifetime.kind === "until" ? formatTime(lifetime.expiration) : undefined;
  return {
    severity: "ok",
    code: "upstream-reached",
    facts: { identity, upstream, tookMs, roleArn, accountId, accessKeyIdEnding, expiration },
    text: `${identity}: ${upstream} answered in ${tookMs} ms: ${describeKey({ roleArn, accountId, accessKeyIdEnding, lifetime })}`,
  };
}

function failed(
  { identity, upstream, configured }: DiagnosisInput,
  probe: Extract<Probe, { kind: "failed" }>,
): Finding {
  const { kind: failure, upstreamCode, message, remedy } = probe.failure;
  const { tookMs } = probe;
  return {
    severity: "problem",
    code: "upstream-failed",
    facts: { identity, upstream, tookMs, failure, upstreamCode, message },
    text: `${identity}: ${upstream}: ${message} (one attempt, after ${tookMs} ms; a sidecar keeps trying)`,
    remedy,
    ...nextStep({ failure: probe.failure, configured }),
  };
}

/**
 * How long a session is that was issued between two instants and expires at `expiration`, by this clock. The whole minute
 * where one fits, for that is what upstreams issue: `Expiration` is in whole seconds, and nobody knows when in the call
 * the session began.
 */
export function sessionLengthMs(
  expiration: number,
  { startedAt, endedAt }: { readonly startedAt: number; readonly endedAt: number },
): number {
  const [most, least] = [expiration - startedAt, expiration - endedAt];
  const minutes = Math.ceil((least - SECOND) / MINUTE) * MINUTE;
  return minutes <= most + SECOND ? minutes : Math.ceil(least / SECOND) * SECOND;
}

/** `clockOffsetMs`: upstream's clock less this one. */
export function clockFindings(clockOffsetMs: number | undefined): readonly Finding[] {
  if (clockOffsetMs === undefined) return [];
  const offsetSeconds = Math.round(clockOffsetMs / SECOND);
  const facts = { offsetSeconds };
  if (isSkewed(offsetSeconds)) {
    const text = skewSentence(offsetSeconds);
    return [{ severity: "problem", code: "clock-skew", facts, text, remedy: clockSkewRemedy }];
  }
  const text = `this clock agrees with upstream's (${Math.abs(offsetSeconds)} s apart)`;
  return [{ severity: "ok", code: "clock", facts, text }];
}

function fallbackFindings(identity: string, fallback: Fallback | undefined): readonly Finding[] {
  if (fallback === undefined) return [];
  const { region, home, remedy } = fallback;
  const [facts, text] = [{ identity, region, home }, fallbackSentence(identity, fallback)];
  return [{ severity: "advice", code: "fallback-region", facts, text, remedy }];
}

/** How long upstream's sessions are. */
export type Session =
  | { readonly kind: "until"; readonly lengthMs: number }
  | { readonly kind: Exclude<Lifetime["kind"], "until"> };

/** What sessions of this length mean for each client. */
export function lifetimeFindings(identity: string, session: Session, policy: Policy): readonly Finding[] {
  // The sidecar reads such a session again each minute, so its length says nothing about how often clients read.
  if (session.kind !== "until") {
    const text = `${identity}: lifetime: ${endless[session.kind]}`;
    return [{ severity: "ok", code: "lifetime", facts: { identity, lifetime: session.kind }, text }];
  }
  const { lengthMs } = session;
  const facts = { identity, lengthSeconds: Math.round(lengthMs / SECOND) };
  const text = `${identity}: lifetime: ${formatDuration(Math.round(lengthMs / SECOND) * SECOND)}`;
  const byCalmness = Map.groupBy(clients, ({ container: windows }) =>
    calmnessOf({ windows, lifetimeMs: lengthMs, minimumLifetimeMs: policy.minimumLifetimeMs, policy }),
  );
  const found = (Object.keys(meanings) as Calmness[]).flatMap((calmness): readonly Finding[] => {
    const names = byCalmness.get(calmness)?.map(({ name }) => name);
    if (names === undefined) return [];
    return [clientsFinding(identity, calmness, names.length === clients.length ? "every" : names)];
  });
  return [{ severity: "ok", code: "lifetime", facts, text }, ...found];
}

interface Meaning {
  readonly severity: Severity;
  readonly words: string;
  readonly remedy?: string;
}

const meanings: Readonly<Record<Calmness, Meaning>> = {
  calm: { severity: "ok", words: "calm" },
  "calm-when-named": {
    severity: "advice",
    words: "calm when named",
    remedy: "name the client with SIDECAR_CLIENT, or in its URI (/v1/for/{client}/credentials); Java says which it is",
  },
  "now-and-then": { severity: "ok", words: "read now and then, at most once a minute on average" },
  storms: {
    severity: "advice",
    words: "read at every use, from memory",
    remedy: "let upstream issue longer sessions: one hour calms every client",
  },
};

function clientsFinding(identity: string, calmness: Calmness, names: readonly string[] | "every"): Finding {
  const { severity, words, remedy } = meanings[calmness];
  const text = `${words}: ${names === "every" ? "every client" : names.join(", ")}`;
  return { severity, code: "clients", facts: { identity, calmness, clients: names }, text, remedy };
}
