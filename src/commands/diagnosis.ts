/** What `doctor` concludes. Pure. */
import type { Credentials } from "../credentials.ts";
import { clients } from "../lifetime/clients.ts";
import { SECOND } from "../lifetime/renewal.ts";
import { formatTime, type ReportingPolicy } from "../lifetime/reported.ts";
import { type Verdict, verdictOf } from "../lifetime/verdict.ts";
import { formatDuration } from "../settings/values.ts";
import type { FailureKind, UpstreamFailure } from "../upstream/failure.ts";

export type Probe =
  | { readonly kind: "reached"; readonly credentials: Credentials; readonly tookMs: number }
  | { readonly kind: "failed"; readonly failure: UpstreamFailure; readonly tookMs: number };

export interface Finding {
  readonly severity: "ok" | "wrong" | "advice";
  readonly text: string;
}

export interface DiagnosisInput {
  readonly identity: string;
  readonly upstream: string;
  readonly probe: Probe;
  readonly now: number;
  /** In ms. */
  readonly floor: number;
  readonly policy: ReportingPolicy;
}

/** What one identity's upstream gave, what that means for each client, and what to change. */
export function diagnose(input: DiagnosisInput): readonly Finding[] {
  const { identity, upstream, probe } = input;
  if (probe.kind === "reached")
    return [reached(input, probe.credentials, probe.tookMs), ...lifetimes(input, probe.credentials)];
  const { failure, tookMs } = probe;
  return [
    { severity: "wrong", text: `${identity}: ${upstream}: ${failure.message} (after ${tookMs} ms)` },
    { severity: "advice", text: cures[failure.kind] },
    ...clockAdvice(failure),
  ];
}

function reached({ identity, upstream }: DiagnosisInput, credentials: Credentials, tookMs: number): Finding {
  const { lifetime, accountId, roleArn, accessKeyId } = credentials;
  const who = roleArn ?? (accountId === undefined ? "role not known" : `account ${accountId}`);
  const end = lifetime.kind === "until" ? `expires ${formatTime(lifetime.expiration)}` : "static keys, without an end";
  const text = `${identity}: ${upstream} answered in ${tookMs} ms: ${who}, key …${accessKeyId.slice(-4)}, ${end}`;
  return { severity: "ok", text };
}

function lifetimes({ now, floor, policy }: DiagnosisInput, { lifetime }: Credentials): readonly Finding[] {
  if (lifetime.kind === "unlimited") return [{ severity: "ok", text: "lifetime: no client is ever near an end" }];
  const length = Math.ceil((lifetime.expiration - now) / SECOND) * SECOND;
  const byVerdict = Map.groupBy(clients, ({ container }) =>
    verdictOf({ thresholds: container, length, floor, policy }),
  );
  const names = (verdict: Verdict) => (byVerdict.get(verdict) ?? []).map(({ name }) => name).join(", ");
  const findings: Finding[] = [{ severity: "ok", text: `lifetime: ${formatDuration(length)}; calm: ${names("calm")}` }];
  if (byVerdict.has("calm-when-named")) {
    const text = `calm when named (SIDECAR_CLIENT, or /v1/for/{client}/credentials in the URI): ${names("calm-when-named")}`;
    findings.push({ severity: "advice", text });
  }
  if (byVerdict.has("storms")) {
    const text = `read at every request, from memory, until sessions are longer (one hour calms every client): ${names("storms")}`;
    findings.push({ severity: "advice", text });
  }
  return findings;
}

function clockAdvice({ clockOffset }: UpstreamFailure): readonly Finding[] {
  const seconds = Math.round((clockOffset ?? 0) / SECOND);
  if (Math.abs(seconds) < 60) return [];
  const way = seconds > 0 ? "behind" : "ahead of";
  return [{ severity: "wrong", text: `this clock is ${Math.abs(seconds)} s ${way} upstream's; set the node's clock` }];
}

const cures: Readonly<Record<FailureKind, string>> = {
  denied: "check the role's trust policy, the audience of the web identity token, and sts:AssumeRole of the caller",
  throttled: "too many callers ask STS in this account and region; longer sessions (SIDECAR_DURATION) make fewer calls",
  unreachable: "check DNS, HTTPS_PROXY and NO_PROXY, AWS_ENDPOINT_URL_STS, and egress network policies",
  timeout:
    "something drops packets: check egress network policies, the VPC endpoint's security group, and the hop limit of IMDS",
  malformed: "what answered is not an AWS endpoint: check AWS_ENDPOINT_URL_STS, the container URI and proxies",
  expired: "compare this node's clock with upstream's, and look at how long upstream keeps its sessions",
  rejected: "check the role's ARN, the session policy, and the region (STS may be off in it)",
  unavailable: "upstream is having trouble of its own; the sidecar goes on trying",
  "not-configured":
    "set AWS_ROLE_ARN with AWS_WEB_IDENTITY_TOKEN_FILE, AWS_PROFILE, or another upstream (SIDECAR_UPSTREAM)",
};
