/** What limits a session: what the role allows, or that it is assumed with the session of another role. */
export type DurationLimit = "role" | "chaining";

/** What STS says of a session that was asked to last too long; undefined when it refused something else. */
export function durationRefusal(thrown: unknown): DurationLimit | undefined {
  const message = thrown instanceof Error ? thrown.message : "";
  if (!/\bDurationSeconds\b/.test(message)) return undefined;
  return /role chaining/.test(message) ? "chaining" : "role";
}
