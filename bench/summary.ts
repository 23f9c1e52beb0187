/** What rounds come to. Pure. */
import { median } from "./figures.ts";
import type { Rounds } from "./reads.ts";

/** One server under one load. */
export interface ReadsRow {
  readonly server: string;
  readonly perSecond: number;
  readonly perCpuSecond: number;
  /** Its reads per CPU second over the sidecar's of the same round, and the quartiles of that. */
  readonly ratio: number;
  readonly quartiles: readonly [low: number, high: number];
  readonly p99Us: number;
  readonly p999Us: number;
  /** The share of a core that it used. */
  readonly busy: number;
}

/** In the order of `rounds`; the ratio is over `beside`. */
export function readsRows(rounds: Rounds, beside: string): readonly ReadsRow[] {
  const perCpu = (server: string) =>
    (rounds.get(server) ?? []).map(({ answered, cpuSeconds }) => answered / cpuSeconds);
  const ours = perCpu(beside);
  return [...rounds].map(([server, all]) => {
    const ratios = perCpu(server).map((value, round) => value / (ours[round] ?? Number.NaN));
    return {
      server,
      perSecond: Math.round(median(all.map(({ answered, seconds }) => answered / seconds))),
      perCpuSecond: Math.round(median(perCpu(server))),
      ratio: rounded(median(ratios)),
      quartiles: [rounded(quantile(ratios, 0.25)), rounded(quantile(ratios, 0.75))],
      p99Us: median(all.map(({ p99Us }) => p99Us)),
      p999Us: median(all.map(({ p999Us }) => p999Us)),
      busy: rounded(median(all.map(({ cpuSeconds, seconds }) => cpuSeconds / seconds))),
    };
  });
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
}

export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
