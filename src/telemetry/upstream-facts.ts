/** What answers of upstream told besides credentials. */
export interface UpstreamFacts {
  /** Upstream's clock less this one, in ms, by its last answer with a `Date`. */
  readonly clockOffset?: number;
  /** The duration that was asked for first, in seconds, and what the role allows. */
  readonly steppedDown?: { readonly askedS: number; readonly allowedS: number };
}

/** By identity. */
export class UpstreamFactsKept {
  readonly #byIdentity = new Map<string, UpstreamFacts>();

  onClockOffset(identity: string, clockOffset: number): void {
    this.#byIdentity.set(identity, { ...this.of(identity), clockOffset });
  }

  onDurationSteppedDown(identity: string, fromS: number, toS: number): void {
    const { steppedDown, ...others } = this.of(identity);
    const askedS = steppedDown?.askedS ?? fromS;
    this.#byIdentity.set(identity, { ...others, steppedDown: { askedS, allowedS: toS } });
  }

  of(identity: string): UpstreamFacts {
    return this.#byIdentity.get(identity) ?? {};
  }
}
