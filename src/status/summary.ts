/**
 * The status in plain sentences: all well, or what is wrong and what to do. For people who never heard of thresholds,
 * on the page and in `doctor`. Pure.
 */
import type { DropReason } from "../drops.ts";
import { refusalRow } from "../refusals.ts";
import { formatDuration, SECOND } from "../time.ts";
import { clockSkewRemedy, isSkewed, skewSentence } from "../upstream/clock-skew.ts";
import { isFailureKind, remedyFor } from "../upstream/remedies.ts";
import type { ClientStatus } from "./client-status.ts";
import type { DropStatus, IdentityStatus, RefusalStatus } from "./status.ts";

/** Worst first. `starting` passes by itself; in all before it applications get errors. */
export const summaryStates = [
  "expired",
  "cold",
  "starting",
  "outage",
  "clock-skew",
  "storm",
  "drops",
  "refusals",
  "well",
] as const;
export type SummaryState = (typeof summaryStates)[number];

export interface Summary {
  readonly state: SummaryState;
  readonly sentence: string;
  /** What to do. */
  readonly remedy?: string;
  /** The line to write into the pod's manifest, as `NAME=value`, where one line does it. */
  readonly line?: string;
}

/** What of the status is summed up. */
export interface SummaryInput {
  readonly identities: readonly SummedIdentity[];
  readonly clients: readonly SummedClient[];
  readonly refusals: readonly Pick<RefusalStatus, "reason" | "lately">[];
  readonly drops: readonly Pick<DropStatus, "reason" | "lately">[];
}

type SummedIdentity = Pick<
  IdentityStatus,
  "identity" | "state" | "expiration" | "honestExpiration" | "honestSecondsLeft" | "failure" | "clockOffsetSeconds"
>;
type SummedClient = Pick<ClientStatus, "label" | "verdict" | "reported" | "advisoryWindowSeconds" | "remedy">;
type Failure = NonNullable<IdentityStatus["failure"]>;

/** Everything that is wrong, the worst first; one entry of state `well` when nothing is. */
export function summaryOf({ identities, clients, refusals, drops }: SummaryInput): readonly [Summary, ...Summary[]] {
  const wrong = [
    ...identities.flatMap(ofIdentity),
    ...ofClock(identities),
    ...ofStorms(clients),
    ...ofDrops(drops),
    ...ofRefusals(refusals),
  ];
  const [worst, ...others] = wrong.sort((a, b) => summaryStates.indexOf(a.state) - summaryStates.indexOf(b.state));
  return worst === undefined ? [{ state: "well", sentence: "All well." }] : [worst, ...others];
}

function ofIdentity(identity: SummedIdentity): readonly Summary[] {
  const { identity: name, state, failure, honestExpiration } = identity;
  if (state === "cached")
    return failure === undefined ? [] : [withRemedy("outage", cached(identity, failure), failure)];
  if (failure === undefined && state === "loading") {
    return [
      {
        state: "starting",
        sentence: `${name}: the first credentials are on their way; applications wait a moment for them.`,
      },
    ];
  }
  const what = state === "loading" ? "there are no credentials yet" : `the credentials ended at ${honestExpiration}`;
  const why = failure === undefined ? "new ones are on their way" : failure.message;
  const sentence = `${name}: ${what}, so applications get errors: ${why}.`;
  return [withRemedy(state === "loading" ? "cold" : "expired", sentence, failure)];
}

function cached({ identity, expiration, honestSecondsLeft = 0 }: SummedIdentity, { message }: Failure): string {
  // Static keys have no expiration that can be read as a time.
  const endless = Number.isNaN(Date.parse(expiration ?? ""));
  const left = endless ? "" : ` for another ${duration(honestSecondsLeft)}`;
  return `${identity}: ${message}. Applications notice nothing: they are served from memory${left}.`;
}

function withRemedy(state: SummaryState, sentence: string, failure: Failure | undefined): Summary {
  if (failure === undefined || !isFailureKind(failure.class)) return { state, sentence };
  return { state, sentence, remedy: remedyFor(failure.class, failure.code) };
}

/** This clock is one, however many identities are off by it. */
function ofClock(identities: readonly SummedIdentity[]): readonly Summary[] {
  const offset = identities.map(({ clockOffsetSeconds = 0 }) => clockOffsetSeconds).find(isSkewed);
  return offset === undefined
    ? []
    : [{ state: "clock-skew", sentence: `Beware: ${skewSentence(offset)}.`, remedy: clockSkewRemedy }];
}

/** One for each label, though it may read several identities over both protocols. */
function ofStorms(clients: readonly SummedClient[]): readonly Summary[] {
  const storming = clients.filter(({ verdict }) => verdict === "storming");
  return [...new Map(storming.map((client) => [client.label, client])).values()].map(ofStorm);
}

function ofStorm({ label, reported, advisoryWindowSeconds, remedy }: SummedClient): Summary {
  const gets = reported === undefined ? "" : ` it gets ${duration(reported.secondsLeft)},`;
  const wants =
    advisoryWindowSeconds === undefined
      ? " which is too short for it"
      : ` and wants more than ${duration(advisoryWindowSeconds)}`;
  const sentence = `${label} fetches credentials again at every use, and its requests wait for that:${gets}${wants}.`;
  if (remedy === undefined) return { state: "storm", sentence };
  return { state: "storm", sentence, remedy: remedy.text, ...(remedy.line === undefined ? {} : { line: remedy.line }) };
}

function duration(seconds: number): string {
  return formatDuration(Math.max(0, seconds) * SECOND);
}

function ofRefusals(refusals: SummaryInput["refusals"]): readonly Summary[] {
  return refusals
    .filter(({ lately }) => lately > 0)
    .sort((a, b) => b.lately - a.lately)
    .map(({ reason, lately }) => {
      const { why, remedy, line } = refusalRow(reason);
      const sentence = `${lately === 1 ? "1 request was" : `${lately} requests were`} refused lately: ${why}.`;
      return { state: "refusals", sentence, remedy, ...(line && { line: line("127.0.0.1:9911") }) };
    });
}

type Dropped = Required<Pick<Summary, "remedy">> & { readonly why: string };

const droppedFor: Readonly<Record<DropReason, Dropped>> = {
  evicted: {
    why: "new ones needed their place, as more than 512 were open",
    remedy:
      "find who opens so many; if it is not this pod, let a NetworkPolicy admit only Prometheus to the admin port (deploy/kubernetes/network-policy.yaml)",
  },
  full: {
    why: "512 other requests were waiting for the first credentials",
    remedy: "find who asks so often; clients that retry get their answer when upstream has given credentials",
  },
  unread: { why: "their clients did not read the answers", remedy: "find who asks the sidecar and does not read" },
  pipelined: {
    why: "their clients sent many requests without reading the answers",
    remedy: "no AWS SDK does this: find what else asks the sidecar's ports",
  },
};

function ofDrops(drops: SummaryInput["drops"]): readonly Summary[] {
  return drops
    .filter(({ lately }) => lately > 0)
    .sort((a, b) => b.lately - a.lately)
    .map(({ reason, lately }) => {
      const { why, remedy } = droppedFor[reason];
      const sentence = `${lately === 1 ? "1 connection was" : `${lately} connections were`} ended lately: ${why}.`;
      return { state: "drops", sentence, remedy };
    });
}
