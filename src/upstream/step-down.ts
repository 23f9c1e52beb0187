/** Session durations that a role may not allow. Pure. */

const HOUR_S = 3_600;

/** Every role allows one hour (IAM: MaxSessionDuration is 1–12 h), so the ladder ends there. */
const LADDER_S = [12, 8, 6, 4, 3, 2, 1].map((hours) => hours * HOUR_S);

/**
 * The next shorter duration to ask for, in seconds, or undefined when the refusal was not about the duration or
 * nothing shorter is left. A chained role is limited to one hour by STS, whatever the role says.
 */
export function shorterDuration(durationS: number, thrown: unknown): number | undefined {
  const message = thrown instanceof Error ? thrown.message : "";
  if (!/\bDurationSeconds\b/.test(message) || durationS <= HOUR_S) return undefined;
  if (/role chaining/.test(message)) return HOUR_S;
  return LADDER_S.find((step) => step < durationS);
}
