/** Corrections and failures when this clock and upstream's differ. Pure. */
import type { Credentials } from "../credentials.ts";
import { SECOND } from "../time.ts";
import { type CodeRow, oneOf } from "./code-row.ts";

/**
 * In seconds. SigV4 tolerates 5 min, but the expiration margin covers only a minute. A smaller difference cannot be
 * measured: STS writes whole seconds, and its answer takes time.
 */
const CLOCK_SKEW_S = 60;

/** `offsetS`: upstream's clock less this one, in seconds. */
export function isSkewed(offsetS: number): boolean {
  return Math.abs(offsetS) >= CLOCK_SKEW_S;
}

/**
 * The credentials with their expiration by this clock, where upstream's is known to be `offsetMs` ahead of it. A smaller
 * offset is within the margin.
 */
export function byThisClock(credentials: Credentials, offsetMs: number | undefined): Credentials {
  const { lifetime } = credentials;
  if (offsetMs === undefined || !isSkewed(offsetMs / SECOND) || lifetime.kind !== "until") return credentials;
  return { ...credentials, lifetime: { kind: "until", expiration: lifetime.expiration - offsetMs } };
}

/** Upstream says itself that a signature is of another time, with a code that also means other things. */
const TIME = /Signature (?:expired|not yet current)|RequestExpired|time.*skew/i;

/**
 * How AWS says that a signature's time is off (smithy-typescript, CLOCK_SKEW_ERROR_CODES; `AccessDeniedException` is left
 * out, because it hardly ever means that).
 */
export const clockRows: readonly CodeRow[] = [
  { codes: oneOf("RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture") },
  {
    codes: oneOf("SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure"),
    when: ({ isClockOff, message }) => isClockOff || TIME.test(message),
  },
];

export const clockSkewRemedy =
  "set the node's clock: AWS refuses signatures that are 5 minutes off, and expirations are misjudged";

/** `offsetS` as above. */
export function skewSentence(offsetS: number): string {
  return `this clock is ${Math.abs(offsetS)} s ${offsetS > 0 ? "behind" : "ahead of"} upstream's`;
}
