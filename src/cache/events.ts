/** What a credential cache reports to whoever observes it. */
import type { UpstreamFailure } from "../upstream/failure.ts";
import type { Outcome } from "./outcome.ts";

/** An attempt has ended: its outcome, how long it took, and when the next one is due. */
export interface AttemptEvent {
  readonly identity: string;
  readonly outcome: Outcome;
  /** True when somebody had asked for new credentials. */
  readonly isForced: boolean;
  readonly tookMs: number;
  readonly nextRefreshAt: number;
}

/** The honest lifetime of the cached credentials ended before a refresh succeeded: reads are answered with 503 from now on. */
export interface ExpiredEvent {
  readonly identity: string;
  /** Attempts that failed since the last success. */
  readonly failures: number;
  /** The last failure; undefined when upstream answered, but with credentials that end no later. */
  readonly failure: UpstreamFailure | undefined;
}

/** An attempt succeeded after others had failed. */
export interface RecoveredEvent {
  readonly identity: string;
  /** Attempts that failed in a row. */
  readonly failures: number;
  /** Time since the first of them began. */
  readonly failingForMs: number;
  /** True when there was nothing to serve: nothing had been loaded yet, or the cached credentials had expired. */
  readonly wasExpired: boolean;
}

/** `failing` is how things stood before the attempt that succeeded. */
export function recovered(identity: string, failing: Omit<RecoveredEvent, "identity">): RecoveredEvent {
  const { failures, failingForMs, wasExpired } = failing;
  return { identity, failures, failingForMs, wasExpired };
}

/** Who asked for new credentials: SIGHUP, or `POST /refresh`. */
export type ForcedBy = "signal" | "request";

/** Somebody asked for new credentials. */
export interface ForcedEvent {
  readonly identity: string;
  readonly by: ForcedBy;
  /** In ms; undefined when it was accepted, else the last one was less than a minute ago. */
  readonly retryAfterMs: number | undefined;
}

export interface CredentialCacheEvents {
  readonly onForced: (event: ForcedEvent) => void;
  readonly onAttempt: (event: AttemptEvent) => void;
  /** A read joined a flight instead of making a call of its own. */
  readonly onCoalesced: (identity: string) => void;
  /** Called once per set of credentials, even when no client reads. */
  readonly onExpired: (event: ExpiredEvent) => void;
  readonly onRecovered: (event: RecoveredEvent) => void;
}
