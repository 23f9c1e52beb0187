/** Chance and bounds for delays. Pure. */

/** A number in [0, 1). */
export type Random = () => number;

/** A random number from `low` up to `high`. */
export function between(low: number, high: number, random: Random): number {
  return low + (high - low) * random();
}

/** The number nearest to `value` within `low` and `high`. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
