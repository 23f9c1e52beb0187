/** What an upstream's lifetime means for one client. Pure. */
import type { Thresholds } from "./clients.ts";
import { leastRemaining, MINUTE, SECOND } from "./renewal.ts";
import type { ReportingPolicy } from "./reported.ts";

/** `calm-when-named`: its reads are padded once the pod's author names it, or its requests do. */
export type Verdict = "calm" | "calm-when-named" | "storms";

export interface VerdictInput {
  readonly thresholds: Thresholds;
  /** Lifetime at fetch, in ms. */
  readonly length: number;
  readonly floor: number;
  readonly policy: ReportingPolicy;
}

/** Whether a client reads at most once a minute while upstream is healthy. */
export function verdictOf({ thresholds, length, floor, policy }: VerdictInput): Verdict {
  const { asks, insists } = thresholds;
  const spare = leastRemaining(length, floor) - policy.margin - asks * SECOND;
  if (spare >= MINUTE) return "calm";
  return policy.padding && spare + insists * SECOND >= MINUTE ? "calm-when-named" : "storms";
}
