import type { Credentials } from "../credentials.ts";
import type { Callers } from "../policy/retry-schedule.ts";

/** Where an identity's credentials come from. */
export interface Upstream {
  /** A few words for logs and people, such as `web-identity, role …`. */
  readonly description: string;
  /** The longest that one attempt may take, in ms. */
  readonly timeoutMs: number;
  /** Who calls it, as far as its last attempt showed. The whole fleet, when it does not say. */
  readonly callers?: Callers;
  /** One attempt; retries are the credential cache's. May reject with anything. `signal` aborts when its time is over. */
  fetch(signal: AbortSignal): Promise<Credentials>;
  /**
   * A digest of what an attempt would ask for now: without it, credentials outlive no restart. Rejects when the set-up is
   * wrong, and so says nothing.
   */
  askedFor?(): Promise<string>;
  /** The digest of what the last credentials were given for. */
  readonly givenFor?: string | undefined;
}
