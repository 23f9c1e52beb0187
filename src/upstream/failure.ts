/** A failed attempt to get credentials, and what every failure class means for the next attempt. */
import type { Step } from "./code-row.ts";
import { classOf, type FailureKind } from "./failure-classes.ts";

export { type FailureKind, failureKinds } from "./failure-classes.ts";

/** What a failure is about. Only what is safe to show: paths, hosts without user or query, names; never a value. */
export interface Subject {
  /** The file that could not be used. */
  readonly path?: string | undefined;
  /** The variable or setting that leads there. */
  readonly variable?: string | undefined;
  readonly profile?: string | undefined;
  /** The setting of the profile. */
  readonly setting?: string | undefined;
  /** The host that was asked, with its port where it is known. */
  readonly host?: string | undefined;
}

export interface FailureDetails {
  /** Upstream's own error code, such as `AccessDenied`, when it has the form of one. */
  readonly upstreamCode?: string | undefined;
  /** Upstream's clock less ours, in ms, when its answer has a date. */
  readonly clockOffset?: number | undefined;
  /** How long upstream asked to be left alone (`Retry-After`), in ms. */
  readonly retryAfterMs?: number | undefined;
  readonly subject?: Subject | undefined;
  /** For the one place that knows better than the table. */
  readonly remedy?: string | undefined;
  /** What goes with that remedy. */
  readonly step?: Step | undefined;
}

/** A failed attempt. The message is ours and safe to show: it never holds what upstream sent. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  readonly kind: FailureKind;
  readonly upstreamCode: string | undefined;
  readonly clockOffset: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly subject: Subject;
  /** What most likely ends the failure, in words for the pod's author. */
  readonly remedy: string;
  /** The line to write or the command to run for that; empty where one line is not enough. */
  readonly step: Step;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message);
    const { upstreamCode, clockOffset, retryAfterMs, subject = {} } = details;
    this.kind = kind;
    this.upstreamCode = upstreamCode;
    this.clockOffset = clockOffset;
    this.retryAfterMs = retryAfterMs;
    this.subject = subject;
    const found = remedyOf(kind, upstreamCode, subject);
    this.remedy = details.remedy ?? found.remedy;
    this.step = details.remedy === undefined ? found.step : (details.step ?? {});
  }
}

/**
 * Whether waiting a moment will not help: clients get the error at once, and upstream is asked again more slowly.
 */
export function isFinal(failure: UpstreamFailure | undefined): boolean {
  return failure !== undefined && classOf(failure.kind).isFinal;
}

function remedyOf(kind: FailureKind, upstreamCode: string | undefined, subject: Subject) {
  const { rows, ...ofClass } = classOf(kind);
  const row = upstreamCode === undefined ? undefined : rows.find(({ codes }) => codes.test(upstreamCode));
  const { remedy = ofClass.remedy, step } = row?.remedy === undefined ? { ...ofClass, ...row } : row;
  return { remedy: typeof remedy === "string" ? remedy : remedy(subject), step: step?.(subject) ?? {} };
}
