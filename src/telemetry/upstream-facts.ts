/** What the sidecar learns from upstream's answers besides credentials. */
export interface UpstreamFacts {
  /** Upstream's clock less this one, in ms, by its last answer with a `Date`. */
  readonly clockOffsetMs?: number;
  readonly steppedDown?: SteppedDown;
}

/** The duration that was asked for first, and the one that the role allows. */
export interface SteppedDown {
  readonly askedSeconds: number;
  readonly allowedSeconds: number;
}

/** By identity. */
export class UpstreamFactsSeen {
  readonly #byIdentity = new Map<string, UpstreamFacts>();

  onClockOffset(identity: string, clockOffsetMs: number): void {
    this.#byIdentity.set(identity, { ...this.of(identity), clockOffsetMs });
  }

  onDurationSteppedDown(identity: string, fromSeconds: number, allowedSeconds: number): void {
    const { steppedDown, ...others } = this.of(identity);
    const askedSeconds = steppedDown?.askedSeconds ?? fromSeconds;
    this.#byIdentity.set(identity, { ...others, steppedDown: { askedSeconds, allowedSeconds } });
  }

  of(identity: string): UpstreamFacts {
    return this.#byIdentity.get(identity) ?? {};
  }
}
