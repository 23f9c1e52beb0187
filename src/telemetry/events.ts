/** The events of the program. There is one type for all, so that log, metrics and demo see the same facts. */
import type { CredentialCacheEvents } from "../cache/events.ts";
import type { Lifetime } from "../credentials.ts";
import type { DropReason, ListenerName } from "../drops.ts";
import type { Protocol } from "../policy/clients.ts";
import type { IdentifiedClient } from "../policy/identified-client.ts";
import type { Fault } from "../process/faults.ts";
import type { RefusalFacts, RefusalReason } from "../refusals.ts";
import type { SessionDuration } from "../upstream/requested-duration.ts";
import type { StsAnswer } from "../upstream/sts-regions.ts";

/** One read that was answered. Times in ms by the wall clock. */
export interface ReadEvent {
  readonly identity: string;
  readonly protocol: Protocol;
  readonly client: IdentifiedClient;
  /** Digits and dots; undefined when the User-Agent names no version. */
  readonly version: string | undefined;
  readonly now: number;
  /** The reported expiration; undefined when there was nothing to serve. */
  readonly reportedExpiration: number | undefined;
}

export interface Observer extends CredentialCacheEvents {
  onRead(event: ReadEvent): void;
  onRefused(reason: RefusalReason, facts: RefusalFacts): void;
  /** The document for an identity is larger than some clients take. */
  onLargeDocument(identity: string, bytes: number): void;
  /** A connection was ended before its peer wanted it. */
  onDropped(listener: ListenerName, reason: DropReason): void;
  /** How long the sessions are that STS gives, where that is ours to set. Called at the first, and at each change. */
  onSessionDuration(identity: string, duration: SessionDuration): void;
  /** How far upstream's clock is ahead of this one, in ms. Called at each answer that has a date. */
  onClockOffset(identity: string, offset: number): void;
  /** STS answered, in the first region or in one of its fallbacks. */
  onStsAnswer(identity: string, answer: StsAnswer): void;
  /** A client is in a refresh storm. Called when it begins, and again at most once an hour. */
  onStorm(storm: Storm): void;
  /** At most once an hour for each client. */
  onInsideWindow(read: InsideWindow): void;
  onState(event: StateEvent): void;
  /** A promise was rejected that nobody awaits. */
  onUnhandledRejection(fault: Fault): void;
}

/** What became of the state file, or of one identity's part of it. Reasons complete "the state file PATH …". */
export type StateEvent =
  | {
      readonly kind: "restored";
      readonly identity: string;
      readonly lifetime: Lifetime | undefined;
      readonly nextRefreshAt: number | undefined;
    }
  /** It is as good as absent. */
  | { readonly kind: "ignored"; readonly identity: string | undefined; readonly reason: string }
  | { readonly kind: "written" }
  /** It is not kept. `isNews` is false until it was written again. */
  | { readonly kind: "failed"; readonly reason: string; readonly isNews: boolean };

/** A read whose reported lifetime is inside its client's advisory window, so that the client reads again at its next use. */
export interface InsideWindow {
  readonly client: string;
  /** In whole seconds. */
  readonly reportedLifetimeSeconds: number;
  /** Undefined when the client is not known. */
  readonly advisorySeconds: number | undefined;
}

export interface Storm {
  readonly client: string;
  readonly readsPerMinute: number;
  /** What the client's last read reported, in whole seconds. */
  readonly reportedLifetimeSeconds: number;
  /** The client's advisory window, in seconds; undefined when it is not known. */
  readonly advisorySeconds: number | undefined;
  readonly remedy: string;
}

/** Passes every event on to each of `observers`, in order. */
export function fanOut(observers: readonly Partial<Observer>[]): Observer {
  return {
    onRead: (event) => tellOfRead(observers, event),
    onForced: (event) => each(observers, (observer) => observer.onForced?.(event)),
    onAttempt: (event) => each(observers, (observer) => observer.onAttempt?.(event)),
    onCoalesced: (identity) => each(observers, (observer) => observer.onCoalesced?.(identity)),
    onExpired: (event) => each(observers, (observer) => observer.onExpired?.(event)),
    onRecovered: (event) => each(observers, (observer) => observer.onRecovered?.(event)),
    onRefused: (reason, facts) => each(observers, (observer) => observer.onRefused?.(reason, facts)),
    onLargeDocument: (identity, bytes) => each(observers, (observer) => observer.onLargeDocument?.(identity, bytes)),
    onDropped: (listener, reason) => each(observers, (observer) => observer.onDropped?.(listener, reason)),
    onSessionDuration: (identity, duration) =>
      each(observers, (observer) => observer.onSessionDuration?.(identity, duration)),
    onClockOffset: (identity, offset) => each(observers, (observer) => observer.onClockOffset?.(identity, offset)),
    onStsAnswer: (identity, answer) => each(observers, (observer) => observer.onStsAnswer?.(identity, answer)),
    onState: (event) => each(observers, (observer) => observer.onState?.(event)),
    onStorm: (storm) => each(observers, (observer) => observer.onStorm?.(storm)),
    onInsideWindow: (read) => each(observers, (observer) => observer.onInsideWindow?.(read)),
    onUnhandledRejection: (fault) => each(observers, (observer) => observer.onUnhandledRejection?.(fault)),
  };
}

/** An observer that throws must not end a refresh or a read: it is reported as a rejection that nobody awaits. */
function each<T>(items: readonly T[], visit: (item: T) => void): void {
  for (const item of items) {
    try {
      visit(item);
    } catch (error) {
      void Promise.reject(error);
    }
  }
}

/** Without a function for each read: this is the hot path. */
function tellOfRead(observers: readonly Partial<Observer>[], event: ReadEvent): void {
  for (const observer of observers) {
    try {
      observer.onRead?.(event);
    } catch (error) {
      void Promise.reject(error);
    }
  }
}
