/** What a scenario says about a client, from best to worst. */

export const verdicts = ["calm", "works", "storms", "recovers", "fails", "late", "broken"] as const;

/**
 * `calm`: reads as seldom as promised, and nothing failed. `works`: nothing failed. `storms`: reads again and again,
 * and nothing failed. `recovers`: the application saw errors, and then none. `fails`: it saw errors that should not be,
 * or that did not end. `late`: it signed with an expired credential. `broken`: the program did not run to its end.
 */
export type Verdict = (typeof verdicts)[number];

export interface Judged {
  readonly verdict: Verdict;
  /** What a reader of the table should know; may be empty. */
  readonly remark: string;
}

/** One run of one client, as numbers. What a scenario does not measure is not there. */
export interface Counts {
  /** Of the part that fetches credentials, as the SDK itself says. */
  readonly version?: string;
  readonly requests: number;
  readonly failed: number;
  /** What the local AWS saw. */
  readonly accepted: number;
  readonly late: number;
  readonly otherwiseRejected: number;
  /** Of those rejected otherwise, the ones without a signature. */
  readonly unsigned?: number;
  /** Different access keys among what was accepted. */
  readonly keys: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly firstError?: string;
  readonly firstErrorAtMs?: number;
  readonly lastErrorAtMs?: number;
  readonly firstSuccessAtMs?: number;
  /** What the sidecar's metrics counted. */
  readonly reads?: number;
  readonly unavailable?: number;
  readonly refreshes?: number;
  /** Requests for credentials that reached the upstream. */
  readonly upstreamCalls?: number;
  /** Sessions that a fallback region gave, and that the first one gave when a refresh was asked for. */
  readonly byFallback?: number;
  readonly byForce?: number;
  /** From the first to the last accepted request, and the longest time between two, by the fixture's clock. */
  readonly hours: number;
  readonly longestGapMs: number;
  /** From the end of an outage to the next accepted request. */
  readonly recoveryMs?: number;
}

/** Whether this verdict is worse than the other. */
export function isWorse(verdict: Verdict, than: Verdict): boolean {
  return rank(verdict) > rank(than);
}

/** Whether a row may have this verdict without anybody having looked at it. */
export function isAcceptable(verdict: Verdict): boolean {
  return rank(verdict) < rank("fails");
}

/** `calm` and `works` are equally good: which one a scenario says depends on what it asks. */
function rank(verdict: Verdict): number {
  return Math.max(1, verdicts.indexOf(verdict));
}

/** The verdict that comes before any question of reads: undefined when nothing failed. */
export function failureOf({ failed, late, otherwiseRejected, firstError }: Counts): Judged | undefined {
  if (late > 0) return { verdict: "late", remark: `${late} signed after the expiration` };
  if (failed > 0) return { verdict: "fails", remark: `${failed} failed: ${firstError ?? "no error told"}` };
  if (otherwiseRejected > 0)
    return { verdict: "fails", remark: `${otherwiseRejected} rejected, and retried by the SDK` };
  return undefined;
}

/**
 * Without the errors before the first success. How an SDK starts is the question of the cold start; by a faked clock
 * its runtime warms up for longer than it waits for an answer.
 */
export function onceStarted(counts: Counts): Counts {
  const { lastErrorAtMs = 0, firstSuccessAtMs = 0 } = counts;
  return lastErrorAtMs < firstSuccessAtMs ? { ...counts, failed: 0 } : counts;
}

/** More errors than this share of the requests are not explained by impatience. */
const IMPATIENT_AT_MOST = 0.05;

/**
 * Without the errors that only a faked clock explains: the sidecar answered every read with credentials and AWS
 * rejected nothing, so the SDK gave up waiting. Of a second of its patience that clock leaves 17 ms, which a busy
 * machine does not always keep. The other scenarios run in real time and forgive none.
 */
export function lessImpatience(counts: Counts): Counts {
  const { failed, requests, unavailable = 0, late, otherwiseRejected } = counts;
  const explained = unavailable === 0 && late === 0 && otherwiseRejected === 0;
  return explained && failed <= requests * IMPATIENT_AT_MOST ? { ...counts, failed: 0 } : counts;
}

/** What the table says of the errors that were forgiven. */
export function impatienceOf(counts: Counts): string {
  const forgiven = onceStarted(counts).failed - lessImpatience(onceStarted(counts)).failed;
  return forgiven === 0 ? "" : `; gave up ${forgiven} answered reads by the fast clock`;
}
