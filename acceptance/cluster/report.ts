/** What the tests tell the surroundings, and hear from them. */
import type { AwsReport } from "../../conformance/harness/fake-aws.ts";
import type { UpstreamReport } from "../../conformance/harness/fake-upstream.ts";
import type { StsReport } from "./sts.ts";

export interface Around {
  /** Every upstream at once. */
  readonly does?: "answers" | "unavailable";
  /** Of STS. In ms. */
  readonly sessionMs?: number;
  /** What answers at the address of IMDS. */
  readonly node?: "imds" | "kiam";
}

/** By the application itself, which outlives neither its log nor its pod. */
export interface Told {
  readonly pod: string;
  readonly signed: number;
  readonly failed: number;
  /** Of a request that failed. */
  readonly fault?: string;
  readonly ended?: boolean;
}

export interface Report {
  readonly imds: UpstreamReport;
  readonly kiam: UpstreamReport;
  readonly agent: UpstreamReport;
  readonly sts: StsReport;
  readonly aws: AwsReport;
  readonly told: readonly Told[];
}
