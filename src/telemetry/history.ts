/** What the status tells of the last half hour. Bounded, whoever reads and however often. */
import type { AttemptEvent } from "../cache/events.ts";
import type { DropReason, ListenerName } from "../drops.ts";
import type { RefusalReason } from "../refusals.ts";
import { ClientsSeen } from "./clients-seen.ts";
import type { Observer, ReadEvent } from "./events.ts";
import { ReasonCounts } from "./reason-counts.ts";
import { UpstreamCalls } from "./upstream-calls.ts";
import { UpstreamFactsKept } from "./upstream-facts.ts";

type Seen = "onRead" | "onAttempt" | "onRefused" | "onDropped" | "onClockOffset" | "onDurationSteppedDown";

export class History implements Pick<Observer, Seen> {
  readonly clients = new ClientsSeen();
  readonly calls = new UpstreamCalls();
  readonly refusals = new ReasonCounts<RefusalReason>();
  readonly drops = new ReasonCounts<DropReason>();
  readonly facts = new UpstreamFactsKept();
  readonly #now: () => number;

  /** `now` is the wall clock in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  onRead(event: ReadEvent): void {
    this.clients.onRead(event);
  }

  onAttempt(event: AttemptEvent): void {
    this.calls.onAttempt(event, this.#now());
  }

  onRefused(reason: RefusalReason): void {
    this.refusals.count(reason, this.#now());
  }

  onDropped(_listener: ListenerName, reason: DropReason): void {
    this.drops.count(reason, this.#now());
  }

  onClockOffset(identity: string, offset: number): void {
    this.facts.onClockOffset(identity, offset);
  }

  onDurationSteppedDown(identity: string, fromS: number, toS: number): void {
    this.facts.onDurationSteppedDown(identity, fromS, toS);
  }
}
