import type { Parameters } from "fast-check";

const { PROPERTY_RUNS } = process.env;

/**
 * How often fast-check tries a property. Without `PROPERTY_RUNS` it tries the same cases every time, in seconds;
 * `PROPERTY_RUNS=20` tries twenty times as many, other ones each time, and a failure prints the seed to repeat it.
 */
export function runs(numRuns: number): Parameters<unknown> {
  if (PROPERTY_RUNS === undefined) return { numRuns, seed: 1 };
  return { numRuns: numRuns * Number(PROPERTY_RUNS) };
}
