/** Session durations that a role may not allow. Pure. */

const HOUR_S = 3_600;

/**
 * The next shorter duration to ask for, in seconds, or undefined when the refusal was not about the duration or
 * nothing shorter is left: an hour less, for what people give a role are whole hours, and every role allows one (IAM:
 * MaxSessionDuration is 1–12 h). A chained role is limited to one hour by STS, whatever the role says.
 */
export function shorterDuration(durationS: number, thrown: unknown): number | undefined {
  const message = thrown instanceof Error ? thrown.message : "";
  if (!/\bDurationSeconds\b/.test(message) || durationS <= HOUR_S) return undefined;
  if (/role chaining/.test(message)) return HOUR_S;
  return (Math.ceil(durationS / HOUR_S) - 1) * HOUR_S;
}
