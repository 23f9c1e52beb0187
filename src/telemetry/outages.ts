import type { AttemptEvent } from "../cache/events.ts";

/** Attempts that failed in a row. */
export interface Outage {
  /** When the first of them ended, in ms by the wall clock. */
  readonly since: number;
  readonly attempts: number;
  /** The failure of the first attempt: later failures are often its consequences. */
  readonly firstMessage: string;
}

/** The outage of each identity's upstream, from its first failed attempt until one succeeds. */
export class Outages {
  readonly #byIdentity = new Map<string, Outage>();

  onAttempt({ identity, outcome }: AttemptEvent, now: number): void {
    if (outcome.kind !== "failed") {
      this.#byIdentity.delete(identity);
      return;
    }
    const { since, attempts, firstMessage } = this.of(identity) ?? {
      since: now,
      attempts: 0,
      firstMessage: outcome.failure.message,
    };
    this.#byIdentity.set(identity, { since, attempts: attempts + 1, firstMessage });
  }

  of(identity: string): Outage | undefined {
    return this.#byIdentity.get(identity);
  }
}
