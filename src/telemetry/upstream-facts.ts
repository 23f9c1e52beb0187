import type { StsRegion } from "../credentials.ts";
import type { SessionDuration } from "../upstream/requested-duration.ts";
import type { StsAnswer } from "../upstream/sts-regions.ts";

/** What the sidecar learns from upstream's answers besides credentials. */
export interface UpstreamFacts {
  /** Upstream's clock less this one, in ms, by its last answer with a `Date`. */
  readonly clockOffsetMs?: number;
  /** Of the last session that was obtained, where its duration is ours to set. */
  readonly sessionDuration?: SessionDuration;
  /** Set while a fallback region is the last that answered. */
  readonly fallback?: Fallback;
}

/** A region of STS that answered in the place of the first, and what the first did. */
export interface Fallback extends StsRegion {
  /** Of the first region's failure, in the sidecar's own words. */
  readonly message: string;
  readonly remedy: string;
}

/** By identity. */
export class UpstreamFactsSeen {
  readonly #byIdentity = new Map<string, UpstreamFacts>();

  onClockOffset(identity: string, clockOffsetMs: number): void {
    this.#byIdentity.set(identity, { ...this.of(identity), clockOffsetMs });
  }

  onSessionDuration(identity: string, sessionDuration: SessionDuration): void {
    this.#byIdentity.set(identity, { ...this.of(identity), sessionDuration });
  }

  onStsAnswer(identity: string, { region, home, homeFailure }: StsAnswer): void {
    const { fallback: _, ...others } = this.of(identity);
    const { message = "it did not answer", remedy = "" } = homeFailure ?? {};
    const fallback = region === home ? {} : { fallback: { region, home, message, remedy } };
    this.#byIdentity.set(identity, { ...others, ...fallback });
  }

  of(identity: string): UpstreamFacts {
    return this.#byIdentity.get(identity) ?? {};
  }
}
