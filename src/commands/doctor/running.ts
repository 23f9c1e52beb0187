/** What the running sidecar says of itself, as findings. Pure. */
import { type FailedRead, failedReadBy, failedReads } from "../../policy/failed-reads.ts";
import type { ClientState, ClientStatus } from "../../status/client-status.ts";
import type { IdentityStatus, Status } from "../../status/status.ts";
import { type Problem, problemsOf } from "../../status/summary.ts";
import { formatTime } from "../../time.ts";
import { clockFindings, lifetimeFindings, type Policy, sessionLengthMs } from "./diagnosis.ts";
import { durationFindings } from "./duration.ts";
import type { Finding } from "./finding.ts";
import { describeKey } from "./key.ts";

/** The page's sentences, and the facts behind them. */
export function runningFindings(status: Status): readonly Finding[] {
  const { identities, clients, settings } = status;
  return [
    ...identities.flatMap((identity) => [
      described(identity),
      ...durationFindings(identity.identity, identity.facts.sessionDuration),
      ...clockFindings(identity.facts.clockOffsetMs),
      ...lifetimes(identity, settings),
    ]),
    ...clients.flatMap(seen),
    ...problemsOf(status).flatMap(problem),
  ];
}

function described({ identity, upstream, state, cached, nextRefreshAt }: IdentityStatus): Finding {
  const key = cached === undefined ? "" : `, ${describeKey(cached)}`;
  const next = nextRefreshAt === undefined ? "in progress" : formatTime(nextRefreshAt);
  return {
    severity: "ok",
    code: "identity",
    facts: {
      identity,
      upstream,
      state,
      roleArn: cached?.roleArn,
      accountId: cached?.accountId,
      accessKeyIdEnding: cached?.accessKeyIdEnding,
      expiration: cached?.lifetime.kind === "until" ? formatTime(cached.lifetime.expiration) : undefined,
      nextRefresh: nextRefreshAt === undefined ? undefined : next,
    },
    text: `${identity}: ${upstream}, ${state}${key}; next refresh ${next}`,
  };
}

function lifetimes({ identity, cached, calls }: IdentityStatus, policy: Policy): readonly Finding[] {
  if (cached === undefined) return [];
  const { lifetime, obtainedAt: endedAt } = cached;
  if (lifetime.kind !== "until") return lifetimeFindings(identity, lifetime, policy);
  const tookMs = calls.find(({ result }) => result === "refreshed")?.tookMs ?? 0;
  const call = { startedAt: endedAt - tookMs, endedAt };
  return lifetimeFindings(identity, { kind: "until", lengthMs: sessionLengthMs(lifetime.expiration, call) }, policy);
}

const behaviour: Readonly<Record<ClientState, string>> = {
  calm: "is calm",
  "inside-window": "gets credentials that are inside its advisory window, so it reads at every use",
  storming: "is in a refresh storm",
  nothing: "has read, but there were no credentials yet",
};

/** A storm is among the summary's problems. */
function seen({ name, protocol, version, state, remedy }: ClientStatus): readonly Finding[] {
  if (state === "storming") return [];
  const failedRead = failedReadBy(protocol, name);
  return [
    {
      severity: state === "inside-window" ? "advice" : "ok",
      code: "client",
      facts: { client: name, protocol, version, state, failedRead },
      text: `${version === undefined ? name : `${name} ${version}`} (${protocol}) ${behaviour[state]}${whenAReadFails(failedRead)}`,
      remedy: remedy?.text,
      line: remedy?.line,
    },
  ];
}

/** For whoever plans for an outage: the client's own, so that no setting changes it. */
function whenAReadFails(does: FailedRead | undefined): string {
  return does === undefined ? "" : `; when a read fails, ${failedReads[does].sentence}`;
}

/** Not ready yet is a problem too: nobody knows whether the first credentials will come. The clock has its own finding. */
function problem({ state, sentence, history, remedy, line, command }: Problem): readonly Finding[] {
  const severity = state === "fallback-region" || state === "state-file" ? "advice" : "problem";
  const text = history === undefined ? sentence : `${sentence} ${history}`;
  return state === "clock-skew" ? [] : [{ severity, code: state, facts: {}, text, remedy, line, command }];
}
