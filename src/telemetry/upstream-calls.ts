import type { AttemptEvent } from "../cache/events.ts";
import type { Outcome } from "../cache/outcome.ts";
import type { FailureKind } from "../upstream/failure.ts";

/** Six hours of one-hour sessions, and the first minutes of an outage. */
const MAX_CALLS = 12;

/** One call of upstream that has ended. */
export interface UpstreamCall {
  /** When it ended, in ms by the wall clock. */
  readonly at: number;
  readonly tookMs: number;
  readonly result: Exclude<Outcome["kind"], "failed"> | FailureKind;
  /** The failure's message, in the sidecar's own words. */
  readonly message: string | undefined;
  /** Set when somebody had asked for new credentials. */
  readonly forced?: true;
}

/** The last twelve calls of each identity's upstream. */
export class UpstreamCalls {
  readonly #byIdentity = new Map<string, readonly UpstreamCall[]>();

  onAttempt({ identity, outcome, isForced, tookMs }: AttemptEvent, now: number): void {
    const failure = outcome.kind === "failed" ? outcome.failure : undefined;
    const result = outcome.kind === "failed" ? outcome.failure.kind : outcome.kind;
    const call = { at: now, tookMs, result, message: failure?.message, ...(isForced && { forced: isForced }) };
    this.#byIdentity.set(identity, [call, ...this.of(identity)].slice(0, MAX_CALLS));
  }

  /** The latest first. */
  of(identity: string): readonly UpstreamCall[] {
    return this.#byIdentity.get(identity) ?? [];
  }
}
