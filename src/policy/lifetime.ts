/** Decides which lifetimes to believe. Pure. */
import type { Credentials } from "../credentials.ts";
import { HOUR, MINUTE } from "../time.ts";

/**
 * No session of AWS is longer: GetSessionToken gives at most 36 h (STS API reference, `DurationSeconds`), AssumeRole 12 h.
 * Clocks may be five minutes apart; further apart, no signature is accepted (SigV4).
 */
const LONGEST_SESSION_MS = 36 * HOUR + 5 * MINUTE;

/**
 * The credentials with a lifetime that can be relied on. An expiration further ahead than any session lasts (9999-12-31
 * from an agent that has none to give) says nothing about the end: a session with it is one whose end is unknown, and keys
 * without a session token are static.
 */
export function believed(credentials: Credentials, now: number): Credentials {
  const { lifetime, sessionToken } = credentials;
  if (lifetime.kind !== "until" || lifetime.expiration - now <= LONGEST_SESSION_MS) return credentials;
  const { expiration: claimed } = lifetime;
  return {
    ...credentials,
    lifetime: sessionToken === "" ? { kind: "unlimited", claimed } : { kind: "unknown", claimed },
  };
}
