import type { AttemptEvent } from "../cache/events.ts";
import type { Outcome } from "../cache/outcome.ts";
import type { FailureKind } from "../upstream/failure.ts";

/** Six hours of one-hour sessions, and an outage whose failures change a few times. */
const MAX_CALLS = 12;

/**
 * Calls of upstream that have ended, one after the other: a single one, or failures that say the same. Instants in ms by
 * the wall clock.
 */
export interface UpstreamCall {
  /** How many: one, unless they failed. */
  readonly times: number;
  /** When the first of them ended. */
  readonly firstAt: number;
  /** When the last of them ended. */
  readonly at: number;
  /** The slowest of them. */
  readonly tookMs: number;
  readonly result: Exclude<Outcome["kind"], "failed"> | FailureKind;
  /** The failure's message, in the sidecar's own words. */
  readonly message: string | undefined;
  /** Set when somebody had asked for new credentials. */
  readonly forced?: true;
}

/**
 * The last twelve calls of each identity's upstream. Equal failures count as one of the twelve, so that an outage, however
 * long, does not push the last success out.
 */
export class UpstreamCalls {
  readonly #byIdentity = new Map<string, readonly UpstreamCall[]>();

  onAttempt({ identity, outcome, isForced, tookMs }: AttemptEvent, now: number): void {
    const failure = outcome.kind === "failed" ? outcome.failure : undefined;
    const result = outcome.kind === "failed" ? outcome.failure.kind : outcome.kind;
    const call = {
      times: 1,
      firstAt: now,
      at: now,
      tookMs,
      result,
      message: failure?.message,
      ...(isForced && { forced: isForced }),
    };
    const [last, ...before] = this.of(identity);
    const calls =
      last === undefined
        ? [call]
        : isRepeated(last, call)
          ? [repeated(last, call), ...before]
          : [call, last, ...before];
    this.#byIdentity.set(identity, calls.slice(0, MAX_CALLS));
  }

  /** The latest first. */
  of(identity: string): readonly UpstreamCall[] {
    return this.#byIdentity.get(identity) ?? [];
  }
}

function isRepeated(last: UpstreamCall, call: UpstreamCall): boolean {
  return (
    call.message !== undefined &&
    last.result === call.result &&
    last.message === call.message &&
    last.forced === call.forced
  );
}

function repeated({ times, firstAt, tookMs }: UpstreamCall, call: UpstreamCall): UpstreamCall {
  return { ...call, times: times + 1, firstAt, tookMs: Math.max(tookMs, call.tookMs) };
}
