/** The status in plain sentences: what is wrong and what to do, for the page and `doctor`. Pure. */

import { stateFileRemedy } from "../state/remedy.ts";
import type { Fallback } from "../telemetry/upstream-facts.ts";
import { formatDuration, formatTime, MINUTE, SECOND, wholeSeconds } from "../time.ts";
import { clockSkewRemedy, isSkewed, skewSentence } from "../upstream/clock-skew.ts";
import type { ClientStatus } from "./client-status.ts";
import { dropProblems, refusalProblems } from "./requests.ts";
import type { CachedStatus, IdentityStatus, Status } from "./status.ts";

/**
 * Worst first. In the first three and in `starting`, which passes by itself, applications get errors or soon will;
 * in the others they get credentials. `ending`: upstream fails and the cached credentials are about to expire.
 */
export const problemStates = [
  "expired",
  "cold",
  "ending",
  "starting",
  "outage",
  "fallback-region",
  "clock-skew",
  "storm",
  "drops",
  "refusals",
  "state-file",
] as const;
export type ProblemState = (typeof problemStates)[number];

export interface Summary<State extends string = ProblemState | "well"> {
  readonly state: State;
  readonly sentence: string;
  /** What to do. */
  readonly remedy?: string | undefined;
  /** The line to write into the pod's manifest, as `NAME=value`, where one line is enough. */
  readonly line?: string | undefined;
}

/** Something that is wrong with the running sidecar, as `/status`, the page and `doctor` show it. */
export type Problem = Summary<ProblemState>;

export type SummaryInput = Pick<
  Status,
  "now" | "credentialsAt" | "identities" | "clients" | "refusals" | "drops" | "stateFile"
>;

/** Everything that is wrong, the worst first. Empty when nothing is. */
export function problemsOf(status: SummaryInput): readonly Problem[] {
  const { now, identities, clients, refusals, drops, credentialsAt } = status;
  const found = [
    ...identities.flatMap((identity) => ofIdentity(identity, now)),
    ...ofClock(identities),
    ...ofStorms(clients),
    ...dropProblems(drops),
    ...refusalProblems(refusals, credentialsAt),
    ...ofStateFile(status.stateFile),
  ];
  return found.sort((a, b) => problemStates.indexOf(a.state) - problemStates.indexOf(b.state));
}

/** The worst problem and the others, or that there is none. */
export function summaryOf(status: SummaryInput): readonly [Summary, ...Problem[]] {
  const [worst, ...others] = problemsOf(status);
  return worst === undefined ? [NO_PROBLEMS] : [worst, ...others];
}

const NO_PROBLEMS: Summary<"well"> = { state: "well", sentence: "No problems found." };

/** Less than this is not enough for a person to act before applications get errors. */
const NEAR_END_MS = 10 * MINUTE;

function ofIdentity(identity: IdentityStatus, now: number): readonly Problem[] {
  const { identity: name, state, cached, failure } = identity;
  if (state === "cached") {
    if (failure === undefined) return ofFallback(identity);
    const isEnding = cached.lifetime.kind === "until" && cached.honestExpiration - now < NEAR_END_MS;
    const sentence = `${name}: ${failure.message}. ${servedFromMemory(cached, now)}${attemptsOf(identity, now)}`;
    return [{ state: isEnding ? "ending" : "outage", sentence, remedy: failure.remedy }];
  }
  if (failure === undefined && state === "loading") {
    const sentence = `${name}: the first credentials are on their way; applications wait a moment for them.`;
    return [{ state: "starting", sentence }];
  }
  const what =
    state === "loading" ? "there are no credentials yet" : `the credentials expired ${timeOf(cached.honestExpiration)}`;
  const why = failure === undefined ? "a refresh is in flight" : failure.message;
  const sentence = `${name}: ${what}, so applications get errors (503): ${why}.${attemptsOf(identity, now)}`;
  return [{ state: state === "loading" ? "cold" : "expired", sentence, remedy: failure?.remedy }];
}

/** Applications notice nothing, but one region less is left. */
function ofFallback({ identity: name, facts: { fallback } }: IdentityStatus): readonly Problem[] {
  if (fallback === undefined) return [];
  return [{ state: "fallback-region", sentence: fallbackSentence(name, fallback), remedy: fallback.remedy }];
}

export function fallbackSentence(identity: string, { region, home, message }: Fallback): string {
  return `${identity}: STS in ${home} does not answer (${message}); ${region} answers in its place, so applications notice nothing.`;
}

function servedFromMemory({ lifetime, honestExpiration }: CachedStatus, now: number): string {
  if (lifetime.kind !== "until") return "Applications are served from memory and notice nothing.";
  const left = formatDuration(wholeSeconds(honestExpiration - now) * SECOND);
  return `Applications are served from memory; they will get errors ${timeOf(honestExpiration)} (in ${left}).`;
}

/** Since when attempts fail and how many, and how it began when that was otherwise. */
function attemptsOf({ outage, failure }: IdentityStatus, now: number): string {
  if (outage === undefined || outage.attempts < 2) return "";
  const lasted = formatDuration(Math.max(0, wholeSeconds(now - outage.since)) * SECOND);
  const first = outage.firstMessage === failure?.message ? "" : ` The first failure was: ${outage.firstMessage}.`;
  return ` ${outage.attempts} attempts have failed in ${lasted}, since ${clockTime(outage.since)}.${first}`;
}

function timeOf(at: number): string {
  return `at ${clockTime(at)}`;
}

function clockTime(at: number): string {
  return `${formatTime(at).slice(11, 19)} UTC`;
}

/** One for the pod: the identities share its clock. */
function ofClock(identities: readonly IdentityStatus[]): readonly Problem[] {
  const offset = identities
    .map(({ facts }) => Math.round((facts.clockOffsetMs ?? 0) / SECOND))
    .find((seconds) => isSkewed(seconds));
  if (offset === undefined) return [];
  const sentence = skewSentence(offset);
  return [
    { state: "clock-skew", sentence: `${sentence[0]?.toUpperCase()}${sentence.slice(1)}.`, remedy: clockSkewRemedy },
  ];
}

function ofStateFile(stateFile: SummaryInput["stateFile"]): readonly Problem[] {
  if (stateFile?.fault === undefined) return [];
  const { path, fault } = stateFile;
  const sentence = `The state file ${path} ${fault}. A restart of the sidecar loses the cached credentials.`;
  return [{ state: "state-file", sentence, remedy: stateFileRemedy }];
}

/** One for each client, though it may read several identities over both protocols. */
function ofStorms(clients: readonly ClientStatus[]): readonly Problem[] {
  const storming = clients.filter(({ state }) => state === "storming");
  return [...new Map(storming.map((client) => [client.name, client])).values()].map(ofStorm);
}

function ofStorm({ name, reported, advisorySeconds, remedy }: ClientStatus): Problem {
  const gets =
    reported === undefined
      ? ""
      : ` It gets ${formatDuration(Math.max(0, wholeSeconds(reported.expiration - reported.at)) * SECOND)}`;
  const needs =
    advisorySeconds === undefined
      ? ", which is too short for it"
      : ` and needs more than ${formatDuration(advisorySeconds * SECOND)}`;
  const sentence = `${name} reads credentials again at every use, and its requests wait for that.${gets}${needs}.`;
  return { state: "storm", sentence, remedy: remedy?.text, line: remedy?.line };
}
