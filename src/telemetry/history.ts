/** What the status shows of the past. Bounded, however many clients read and however often. */
import type { AttemptEvent } from "../cache/events.ts";
import type { DropReason, ListenerName } from "../drops.ts";
import type { RefusalReason } from "../refusals.ts";
import type { SessionDuration } from "../upstream/requested-duration.ts";
import type { StsAnswer } from "../upstream/sts-regions.ts";
import { ClientsSeen } from "./clients-seen.ts";
import type { Observer, ReadEvent, StateEvent } from "./events.ts";
import { Outages } from "./outages.ts";
import { ReasonCounts } from "./reason-counts.ts";
import { UpstreamCalls } from "./upstream-calls.ts";
import { UpstreamFactsSeen } from "./upstream-facts.ts";

type Seen =
  | "onRead"
  | "onAttempt"
  | "onRefused"
  | "onDropped"
  | "onClockOffset"
  | "onSessionDuration"
  | "onStsAnswer"
  | "onState";

export class History implements Pick<Observer, Seen> {
  readonly clients = new ClientsSeen();
  readonly calls = new UpstreamCalls();
  readonly outages = new Outages();
  readonly refusals = new ReasonCounts<RefusalReason>();
  readonly drops = new ReasonCounts<DropReason>();
  readonly facts = new UpstreamFactsSeen();
  #stateFault: string | undefined;
  readonly #now: () => number;

  /** `now` is the wall clock in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  onRead(event: ReadEvent): void {
    this.clients.onRead(event);
  }

  onAttempt(event: AttemptEvent): void {
    const now = this.#now();
    this.calls.onAttempt(event, now);
    this.outages.onAttempt(event, now);
  }

  onState(event: StateEvent): void {
    if (event.kind === "failed") this.#stateFault = event.reason;
    if (event.kind === "written") this.#stateFault = undefined;
  }

  /** Why the state file is not kept; undefined while it is. */
  get stateFault(): string | undefined {
    return this.#stateFault;
  }

  onRefused(reason: RefusalReason): void {
    this.refusals.count(reason, this.#now());
  }

  onDropped(_listener: ListenerName, reason: DropReason): void {
    this.drops.count(reason, this.#now());
  }

  onClockOffset(identity: string, offsetMs: number): void {
    this.facts.onClockOffset(identity, offsetMs);
  }

  onStsAnswer(identity: string, answer: StsAnswer): void {
    this.facts.onStsAnswer(identity, answer);
  }

  onSessionDuration(identity: string, duration: SessionDuration): void {
    this.facts.onSessionDuration(identity, duration);
  }
}
