/** Times and durations as people say them. Pure; times in ms since the epoch. */
import { formatTime, SECOND, wholeSeconds } from "../time.ts";

/** `45 s`, `4 min 30 s`, `14 min`, `2 h 5 min`, `3 days`: as much as anybody cares for, rounded down. */
export function durationInWords(ms: number): string {
  const seconds = Math.max(0, wholeSeconds(ms));
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3_600)];
  if (minutes < 1) return `${seconds} s`;
  if (minutes < 10) return `${minutes} min${seconds % 60 === 0 ? "" : ` ${seconds % 60} s`}`;
  if (minutes < 120) return `${minutes} min`;
  if (hours < 48) return `${hours} h${minutes % 60 === 0 ? "" : ` ${minutes % 60} min`}`;
  return `${Math.floor(hours / 24)} days`;
}

/** `in 14 min`, `2 min ago` or `now`. */
export function relative(time: number, now: number): string {
  if (Math.abs(time - now) < SECOND) return "now";
  return time > now ? `in ${durationInWords(time - now)}` : `${durationInWords(now - time)} ago`;
}

/** The time of day by UTC, `01:15:30 UTC`; with its date when that is another day's than `now`. */
export function clockTime(time: number, now: number): string {
  return `${timeOfDay(time, now)} UTC`;
}

/** The same without the zone, for a page that says it once. */
export function timeOfDay(time: number, now: number): string {
  const [at, today] = [formatTime(time), formatTime(now)];
  return at.slice(0, 10) === today.slice(0, 10) ? at.slice(11, 19) : `${at.slice(0, 10)} ${at.slice(11, 16)}`;
}

/** How long upstream took: `5 ms`, `1.2 s`. */
export function latency(ms: number): string {
  return ms < SECOND ? `${Math.round(ms)} ms` : `${(ms / SECOND).toFixed(1)} s`;
}

/** `1 read`, `1,200 reads`. */
export function count(number: number, what: string): string {
  return `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
}
