/** What is known of how long each role's sessions may last: learned once, for all identities and the life of the process. */
import {
  afterAnswer,
  afterRefusal,
  durationToAsk,
  type KnownDuration,
  SURE_SECONDS,
} from "../policy/allowed-duration.ts";
import { MINUTE } from "../time.ts";

/** An attempt that may be refused is over by then, in ms, whatever became of it. */
const SEARCH_MS = 2 * MINUTE;

interface Search {
  readonly by: object;
  readonly until: number;
}

/** By the role and what it is assumed with. Instants in ms by the monotonic clock. */
export class SessionDurations {
  readonly #known = new Map<string, KnownDuration>();
  readonly #searches = new Map<string, Search>();
  readonly #chained = new Set<string>();

  /**
   * What `by` asks for, in seconds. While another identity finds out whether the role allows more, it is what is sure to be
   * allowed: nobody waits for another identity, and the role refuses no call twice.
   */
  ask(
    role: string,
    by: object,
    given: { readonly wantedSeconds: number; readonly refusedNow: number; readonly now: number },
  ) {
    const known = this.#known.get(role);
    const sureSeconds = Math.min(given.wantedSeconds, known?.allowedSeconds ?? SURE_SECONDS);
    const seconds = durationToAsk({ ...given, known });
    if (seconds <= sureSeconds) return seconds;
    const search = this.#searches.get(role);
    if (search !== undefined && search.by !== by && given.now < search.until) return sureSeconds;
    this.#searches.set(role, { by, until: given.now + SEARCH_MS });
    return seconds;
  }

  /** The attempt of `by` is over. */
  ended(by: object): void {
    for (const [role, search] of this.#searches) if (search.by === by) this.#searches.delete(role);
  }

  refused(role: string, seconds: number, now: number): void {
    this.#known.set(role, afterRefusal(this.#known.get(role), seconds, now));
  }

  answered(role: string, seconds: number): void {
    this.#known.set(role, afterAnswer(this.#known.get(role), seconds));
  }

  /** STS said that what the role is assumed with is the session of another role. */
  wasChained(role: string): void {
    this.#chained.add(role);
  }

  isChained(role: string): boolean {
    return this.#chained.has(role);
  }

  of(role: string): KnownDuration | undefined {
    return this.#known.get(role);
  }
}
