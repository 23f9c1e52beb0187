/** From single runs to the figures of the three set-ups. Pure. */
import { median } from "../../bench/figures.ts";
import type { Timed } from "./load.ts";

/** In the order of the table. */
export const setUps = ["static", "straight", "sidecar"] as const;
export type SetUp = (typeof setUps)[number];

export interface Run extends Timed {
  readonly setUp: SetUp;
  readonly atOnce: number;
  /** From the start of the service on, with those that warmed it up. */
  readonly requests: number;
  /** HTTP requests to the upstream in the same time. */
  readonly upstreamCalls: number;
  /** Reads of the sidecar in the same time. */
  readonly reads?: number;
}

/** One set-up under one load: medians of its runs, sums of their counts. */
export type Figure = Run & { readonly runs: number };

/** Sorted by load, then as {@link setUps}. */
export function summarize(runs: readonly Run[]): readonly Figure[] {
  const loads = [...new Set(runs.map(({ atOnce }) => atOnce))].sort((a, b) => a - b);
  return loads.flatMap((atOnce) =>
    setUps.flatMap((setUp) => {
      const own = runs.filter((run) => run.setUp === setUp && run.atOnce === atOnce);
      return own.length === 0 ? [] : [figureOf(setUp, atOnce, own)];
    }),
  );
}

function figureOf(setUp: SetUp, atOnce: number, runs: readonly Run[]): Figure {
  const medianOf = (key: keyof Timed) => median(runs.map((run) => run[key]));
  const sumOf = (key: "requests" | "upstreamCalls" | "reads") => runs.reduce((sum, run) => sum + (run[key] ?? 0), 0);
  return {
    setUp,
    atOnce,
    runs: runs.length,
    p50Ms: medianOf("p50Ms"),
    p99Ms: medianOf("p99Ms"),
    perSecond: medianOf("perSecond"),
    requests: sumOf("requests"),
    upstreamCalls: sumOf("upstreamCalls"),
    ...(setUp === "sidecar" ? { reads: sumOf("reads") } : {}),
  };
}

/**
 * How many times the static set-up's value: the median over the rounds, because whatever else the machine did in a
 * round slowed all of its runs. NaN without both.
 */
export function timesStatic(runs: readonly Run[], setUp: SetUp, atOnce: number, key: keyof Timed): number {
  const valuesOf = (wanted: SetUp) =>
    runs.filter((run) => run.setUp === wanted && run.atOnce === atOnce).map((run) => run[key]);
  const base = valuesOf("static");
  return median(valuesOf(setUp).map((value, round) => value / (base[round] ?? Number.NaN)));
}
