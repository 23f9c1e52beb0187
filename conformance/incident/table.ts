/** The figures in words: for a terminal and for Markdown. Pure. */
import { table } from "../harness/markdown.ts";
import type { Figure, SetUp } from "./summary.ts";

export const names: Readonly<Record<SetUp, string>> = {
  static: "static credentials",
  straight: "straight to the upstream",
  sidecar: "through the sidecar",
};

/** A small count as a word. */
export function spelled(atOnce: number): string {
  return ["one", "two", "three", "four", "five"][atOnce - 1] ?? String(atOnce);
}

export const ms = (value: number): string => `${value.toFixed(value < 99.5 ? 1 : 0)} ms`;

const HEADINGS = ["credentials", "requests at once", "p50", "p99", "requests/s", "requests", "upstream calls"];

function cellsOf({ setUp, atOnce, p50Ms, p99Ms, perSecond, requests, upstreamCalls }: Figure): readonly string[] {
  const counts = [requests, upstreamCalls].map((count) => count.toLocaleString("en"));
  return [names[setUp], spelled(atOnce), ms(p50Ms), ms(p99Ms), perSecond.toFixed(1), ...counts];
}

/** Columns of one width, the names to the left and the figures to the right. */
export function plainTable(figures: readonly Figure[]): string {
  const rows = [HEADINGS, ...figures.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join("  ")).join("\n");
}

export function markdownTable(figures: readonly Figure[]): string {
  return table(HEADINGS, figures.map(cellsOf));
}

/** The figures of one load, without the column that says which. */
export function comparison(figures: readonly Figure[], atOnce: number): string {
  const withoutLoad = (cells: readonly string[]) =>
    cells.filter((_, column) => HEADINGS[column] !== "requests at once");
  const own = figures.filter((figure) => figure.atOnce === atOnce);
  return table(withoutLoad(HEADINGS), own.map(cellsOf).map(withoutLoad));
}
