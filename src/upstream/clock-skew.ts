/** What it means when this clock and upstream's are apart. Pure. */

/**
 * In seconds. SigV4 bears 5 min, but a minute is what the expiration margin bears. Less cannot be told from nothing:
 * STS writes whole seconds, and its answer takes time.
 */
const CLOCK_SKEW_S = 60;

/** `offsetS`: upstream's clock less this one, in seconds. */
export function isSkewed(offsetS: number): boolean {
  return Math.abs(offsetS) >= CLOCK_SKEW_S;
}

export const clockSkewRemedy =
  "set the node's clock: AWS refuses signatures that are 5 minutes off, and expirations are misjudged";

/** `offsetS` as above. */
export function skewSentence(offsetS: number): string {
  return `this clock is ${Math.abs(offsetS)} s ${offsetS > 0 ? "behind" : "ahead of"} upstream's`;
}
