/**
 * Whether what happened at `at` is less than `period` ago; all in ms by the wall clock. False when it never happened, and
 * when it is ahead of `now`: the clock was set back, and nobody knows how long ago it was.
 */
export function isRecent(at: number | undefined, now: number, period: number): boolean {
  return at !== undefined && at <= now && now - at < period;
}
