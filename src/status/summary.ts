/** The status in plain sentences: what is wrong and what to do, for the page and `doctor`. Pure. */

import { stateFileLine, stateFileRemedy } from "../state/remedy.ts";
import type { Fallback } from "../telemetry/upstream-facts.ts";
import { MINUTE, SECOND } from "../time.ts";
import { clockSkewRemedy, isSkewed, skewSentence } from "../upstream/clock-skew.ts";
import type { ClientStatus } from "./client-status.ts";
import { titleWithName } from "./client-title.ts";
import { nextStep } from "./next-step.ts";
import { dropProblems, refusalProblems } from "./requests.ts";
import type { CachedStatus, IdentityStatus, Status } from "./status.ts";
import { clockTime, count, durationInWords } from "./words.ts";

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
  /** Since when, how often, and how it began. */
  readonly history?: string | undefined;
  /** What to do. */
  readonly remedy?: string | undefined;
  /** The line to write into the pod's manifest, as `NAME=value`, where one line is enough. */
  readonly line?: string | undefined;
  /** What to run first, where there is no such line. */
  readonly command?: string | undefined;
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
    const sentence = `${name}: ${failure.message}. ${servedFromMemory(cached, now)}`;
    const history = attemptsOf(identity, now);
    return [
      {
        state: isEnding(identity, now) ? "ending" : "outage",
        sentence,
        history,
        remedy: failure.remedy,
        ...nextStep(identity),
      },
    ];
  }
  if (failure === undefined && state === "loading") {
    const sentence = `${name}: the first credentials are on their way; applications wait a moment for them.`;
    return [{ state: "starting", sentence }];
  }
  const what =
    state === "loading"
      ? "there are no credentials yet"
      : `the credentials expired at ${clockTime(cached.honestExpiration, now)}`;
  const why = failure === undefined ? "a refresh is in flight" : failure.message;
  const sentence = `${name}: ${what}, so applications get errors (503): ${why}.`;
  const history = attemptsOf(identity, now);
  return [
    {
      state: state === "loading" ? "cold" : "expired",
      sentence,
      history,
      remedy: failure?.remedy,
      ...nextStep(identity),
    },
  ];
}

/** Whether upstream fails and applications notice soon. */
export function isEnding({ state, cached, failure }: IdentityStatus, now: number): boolean {
  if (state !== "cached" || failure === undefined || cached.lifetime.kind !== "until") return false;
  return cached.honestExpiration - now < NEAR_END_MS;
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
  const left = durationInWords(honestExpiration - now);
  return `Applications are served from memory; they will get errors at ${clockTime(honestExpiration, now)} (in ${left}).`;
}

/** Since when attempts fail and how many, and how it began when that was otherwise. */
function attemptsOf({ outage, failure }: IdentityStatus, now: number): string | undefined {
  if (outage === undefined) return undefined;
  const { attempts, since, firstMessage } = outage;
  const failed = `${count(attempts, "attempt")} ${attempts === 1 ? "has" : "have"} failed since ${clockTime(since, now)}`;
  const first = firstMessage === failure?.message ? "" : ` The first failure was: ${firstMessage}.`;
  return `${failed} (${durationInWords(now - since)}).${first}`;
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
  return [{ state: "state-file", sentence, remedy: stateFileRemedy, line: stateFileLine(path) }];
}

/** One for each client, though it may read several identities over both protocols. */
function ofStorms(clients: readonly ClientStatus[]): readonly Problem[] {
  const storming = clients.filter(({ state }) => state === "storming");
  return [...new Map(storming.map((client) => [client.name, client])).values()].map(ofStorm);
}

function ofStorm({ name, reported, advisorySeconds, remedy }: ClientStatus): Problem {
  const gets = reported === undefined ? "" : ` It gets ${durationInWords(reported.expiration - reported.at)}`;
  const needs =
    advisorySeconds === undefined
      ? ", which is too short for it"
      : ` and needs more than ${durationInWords(advisorySeconds * SECOND)}`;
  const who = titleWithName(name);
  const sentence = `${who} reads credentials again at every use, and its requests wait for that.${gets}${needs}.`;
  return { state: "storm", sentence, remedy: remedy?.text, line: remedy?.line };
}
