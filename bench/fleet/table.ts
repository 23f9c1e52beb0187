/** The figures of simulated fleets as a table for people. Pure. */
import { SECOND } from "../../src/time.ts";
import type { Back, Figures } from "./figures.ts";

export interface Row {
  readonly name: string;
  readonly figures: Figures;
  /** The limits that it missed, in words. */
  readonly missed: readonly string[];
}

const columns: readonly (readonly [head: string, cell: (row: Row) => string])[] = [
  ["scenario", ({ name }) => name],
  ["calls/s, mean", ({ figures }) => figures.meanPerSecond.toFixed(1)],
  ["peak", ({ figures }) => grouped(figures.peakPerSecond)],
  ["peak/mean", ({ figures }) => figures.peakToMean?.toFixed(2) ?? ""],
  ["most calls of a pod in a cold hour", ({ figures }) => String(figures.mostInColdHour)],
  ["throttled", ({ figures }) => grouped(figures.throttled)],
  ["without credentials", ({ figures }) => withoutWords(figures)],
  ["back: read, all", ({ figures }) => backWords(figures)],
  ["limits", ({ missed }) => (missed.length === 0 ? "met" : `MISSED: ${missed.join("; ")}`)],
];

export function table(rows: readonly Row[]): string {
  const cells = [columns.map(([head]) => head), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

function withoutWords({ podsWithout, meanWithoutMs }: Figures): string {
  return podsWithout === 0 ? "none" : `${grouped(podsWithout)}, ${(meanWithoutMs / 60 / SECOND).toFixed(1)} min each`;
}

/** When the last pod with a reader is back, and the last of all. */
function backWords({ backRead, backUnread }: Figures): string {
  if (backRead === undefined || backUnread === undefined) return "";
  return `${seconds(backRead)}, ${seconds(backUnread)} s`;
}

const seconds = ({ lastMs }: Back) => Math.ceil(lastMs / SECOND);

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
