/**
 * The one home of time. An instant (`now`, `expiration`, `…At`) is in milliseconds since the epoch by the wall clock;
 * a duration has its unit in its name (`…Ms`, `…Seconds`).
 */

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR };

/** The last whole second at or before an instant; the same for a duration in ms. */
export function floorToSecond(ms: number): number {
  return Math.floor(ms / SECOND) * SECOND;
}

/** The whole seconds in a duration, rounded down. */
export function wholeSeconds(durationMs: number): number {
  return Math.floor(durationMs / SECOND);
}

/** The one time format that every client reads: `YYYY-MM-DDTHH:MM:SSZ`, rounded down (a fraction makes Swift cache for ever). */
export function formatTime(at: number): string {
  return `${new Date(floorToSecond(at)).toISOString().slice(0, 19)}Z`;
}

/** A duration as a person writes it: `25m`, `1h30m`, `500ms`, `0s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs % SECOND !== 0) return `${durationMs}ms`;
  const hours = Math.floor(durationMs / HOUR);
  const minutes = Math.floor((durationMs % HOUR) / MINUTE);
  const seconds = Math.floor((durationMs % MINUTE) / SECOND);
  return `${hours ? `${hours}h` : ""}${minutes ? `${minutes}m` : ""}${seconds ? `${seconds}s` : ""}` || "0s";
}

/** `90s`, `15m`, `1h30m` or `500ms` in ms; undefined when `text` is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:ms|[smh]))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)(ms|[smh])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? Number.NaN), 0);
}

/**
 * Whether something happened at `at` and less than `periodMs` ago. False when it never happened, and when it lies ahead of
 * `now`: the clock was set back, and nobody knows how long ago it was.
 */
export function isRecent(at: number | undefined, now: number, periodMs: number): boolean {
  return at !== undefined && at <= now && now - at < periodMs;
}
