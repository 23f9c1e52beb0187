/** What the running sidecar says of itself, as findings. Pure. */
import type { ClientStatus } from "../../status/client-status.ts";
import { type IdentityStatus, type Status, UNKNOWN_EXPIRATION } from "../../status/status.ts";
import { type Summary, summaryOf } from "../../status/summary.ts";
import { SECOND } from "../../time.ts";
import { clockFindings, lifetimeFindings, type Policy, sessionLength, stepFindings } from "./diagnosis.ts";
import type { Finding, Severity, SummedState } from "./finding.ts";

/** The page's sentences, and the facts behind them. */
export function runningFindings(status: Status): readonly Finding[] {
  const { identities, clients, settings } = status;
  const { minimumLifetimeSeconds, marginSeconds, padding } = settings;
  const policy = { minimumLifetimeMs: minimumLifetimeSeconds * SECOND, marginMs: marginSeconds * SECOND, padding };
  return [
    ...identities.flatMap((identity) => [described(identity), ...measured(identity), ...meaning(identity, policy)]),
    ...clients.flatMap(seen),
    ...summaryOf(status).flatMap(summed),
  ];
}

function described(given: IdentityStatus): Finding {
  const { identity, upstream, state, roleArn, accountId, accessKeyIdEnding, expiration, nextRefresh } = given;
  const known = { identity, upstream, state, roleArn, accountId, accessKeyIdEnding, expiration, nextRefresh };
  return { severity: "ok", code: "identity", ...known };
}

/** By the answers of upstream that the running sidecar got. */
function measured({ identity, durationSteppedDown, ...given }: IdentityStatus): readonly Finding[] {
  const { askedSeconds: askedS, allowedSeconds: allowedS } = durationSteppedDown ?? {};
  const steps = askedS === undefined || allowedS === undefined ? undefined : { askedS, allowedS };
  return [...stepFindings(identity, steps), ...clockFindings(clockOffset(given))];
}

function clockOffset({ clockOffsetSeconds }: Pick<IdentityStatus, "clockOffsetSeconds">): number | undefined {
  return clockOffsetSeconds === undefined ? undefined : clockOffsetSeconds * SECOND;
}

function meaning(given: IdentityStatus, policy: Policy): readonly Finding[] {
  const { identity, obtained, expiration, calls } = given;
  if (obtained === undefined || expiration === undefined || expiration === UNKNOWN_EXPIRATION) return [];
  const endedAt = Date.parse(obtained);
  const tookMs = calls.find(({ result }) => result === "refreshed")?.tookMs ?? 0;
  const length = sessionLength(Date.parse(expiration), {
    startedAt: endedAt - tookMs,
    endedAt,
  });
  // Static keys have no expiration that can be read as a time.
  return lifetimeFindings(identity, Number.isNaN(length) ? undefined : length, policy);
}

/** The summary tells of those that storm. */
function seen({ label, protocol, version, verdict, remedy }: ClientStatus): readonly Finding[] {
  if (verdict === "storming") return [];
  const severity = verdict === "inside-window" ? "advice" : "ok";
  const client = { severity, code: "client", label, protocol, verdict } as const;
  return [{ ...client, ...(version === undefined ? {} : { version }), remedy: remedy?.text, line: remedy?.line }];
}

const severities: Readonly<Record<SummedState, Severity>> = {
  expired: "wrong",
  cold: "wrong",
  starting: "advice",
  outage: "wrong",
  storm: "wrong",
  drops: "wrong",
  refusals: "wrong",
};

function summed({ state, sentence, remedy, line }: Summary): readonly Finding[] {
  return state === "well" || state === "clock-skew"
    ? []
    : [{ severity: severities[state], code: state, text: sentence, remedy, line }];
}
