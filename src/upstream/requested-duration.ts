/** How long a session one identity asks of STS, as its attempts go. */
import { isFound, SURE_SECONDS } from "../policy/allowed-duration.ts";
import { type DurationLimit, durationRefusal } from "./duration-refusal.ts";
import type { Plan } from "./plan.ts";
import type { Provided } from "./provided.ts";
import type { SessionDurations } from "./session-durations.ts";

/** What an identity wants, and what it has got. Durations in seconds. */
export interface SessionDuration {
  readonly askedSeconds: number;
  readonly allowedSeconds: number;
  /** Set where less was allowed than asked. */
  readonly limit?: DurationLimit;
  /** The shortest that the role has refused, while what it allows may yet be between. */
  readonly refusedSeconds?: number;
}

/** `role`: assumed directly. `session`: with temporary keys, of which only STS knows whether they are a role's. */
export type Base = "role" | "session" | "role-session";

export interface RequestedDurationOptions {
  readonly wantedSeconds: number;
  readonly durations: SessionDurations;
  readonly monotonicMs: () => number;
  /** Called when what the identity gets has changed, and at the first answer. */
  readonly onSessionDuration: (duration: SessionDuration) => void;
}

interface Asked {
  /** Undefined where nothing is to be learned of the role. */
  readonly key: string | undefined;
  readonly seconds: number;
}

export class RequestedDuration {
  readonly #options: RequestedDurationOptions;
  #asked: Asked | undefined;
  #refusedNow = 0;
  #told = "";

  constructor(options: RequestedDurationOptions) {
    this.#options = options;
  }

  /** Seconds to ask for `role`, which is assumed with `base`. */
  ask(role: string, base: Base): number {
    const { wantedSeconds, durations, monotonicMs } = this.#options;
    const key = `${base} ${role}`;
    if (base === "role-session" || durations.isChained(key)) {
      this.#asked = { key: undefined, seconds: Math.min(wantedSeconds, SURE_SECONDS) };
    } else {
      const given = { wantedSeconds, refusedNow: this.#refusedNow, now: monotonicMs() };
      this.#asked = { key, seconds: durations.ask(key, this, given) };
    }
    return this.#asked.seconds;
  }

  /** Takes note of a refusal. True when it was about the duration, and a shorter one can be asked. */
  refused(thrown: unknown): boolean {
    const { key, seconds } = this.#asked ?? { seconds: 0 };
    if (key === undefined || seconds <= SURE_SECONDS) return false;
    const refusal = durationRefusal(thrown);
    if (refusal === undefined) return false;
    this.#refusedNow += 1;
    const { durations, monotonicMs } = this.#options;
    if (refusal === "chaining") durations.wasChained(key);
    else durations.refused(key, seconds, monotonicMs());
    return true;
  }

  /** The attempt gave credentials. */
  answered(): void {
    const { wantedSeconds, durations, onSessionDuration } = this.#options;
    if (this.#asked === undefined) return;
    const { key, seconds } = this.#asked;
    if (key !== undefined) durations.answered(key, seconds);
    const duration = { askedSeconds: wantedSeconds, allowedSeconds: seconds, ...this.#limit(this.#asked) };
    const told = JSON.stringify(duration);
    if (told !== this.#told) onSessionDuration(duration);
    this.#told = told;
  }

  /** The attempt is over, however it ended. */
  ended(): void {
    this.#options.durations.ended(this);
    this.#asked = undefined;
    this.#refusedNow = 0;
  }

  #limit({ key, seconds }: Asked): Pick<SessionDuration, "limit" | "refusedSeconds"> {
    if (seconds >= this.#options.wantedSeconds) return {};
    if (key === undefined) return { limit: "chaining" };
    const known = this.#options.durations.of(key);
    const isSearching = known?.refusedSeconds !== undefined && !isFound(known);
    return { limit: "role", ...(isSearching && { refusedSeconds: known.refusedSeconds }) };
  }
}

/** What a role is assumed with, by where that came from. Keys without a session token are a user's. */
export function baseOf({ kind }: Plan, { answer }: Provided): Base {
  if (ROLE_SESSIONS.includes(kind)) return "role-session";
  return typeof answer.sessionToken === "string" && answer.sessionToken !== "" ? "session" : "role";
}

/** AWS gives the sessions of roles here, and nothing else. A program and files may give those of users. */
const ROLE_SESSIONS: readonly Plan["kind"][] = ["web-identity", "assume-role", "sso", "container", "imds"];
