/** What was measured under load, as docs/benchmarks.md shows it. */
import type { Kind, Outcome } from "./attacked.ts";
import type { Pages } from "./pages.ts";

const count = (value: number): string => value.toLocaleString("en");
const failed = (kinds: readonly Kind[]): number => kinds.reduce((sum, { faults }) => sum + faults.length, 0);
const answered = (kinds: readonly Kind[]): number => kinds.reduce((sum, one) => sum + one.answered, 0);

function row({ attack, opened, peakMib, reads, probes, scrapes }: Outcome): string {
  const all = [reads, probes, scrapes];
  const cells = [
    attack,
    count(opened),
    `${peakMib.together} (${peakMib.sockets})`,
    `${count(answered(all))} / ${failed(all)}`,
    `${reads.p99Ms} ms`,
    `${probes.p99Ms} ms`,
  ];
  return `| ${cells.join(" | ")} |`;
}

export function loadTable(outcomes: readonly Outcome[]): string {
  return [
    "| attack | connections opened | most MiB (of which sockets) | own requests answered / failed | p99 of a read | p99 of a probe |",
    "| --- | --- | --- | --- | --- | --- |",
    ...outcomes.map(row),
  ].join("\n");
}

const orNone = (value: number | null | undefined): string => (Number.isFinite(value) ? `${value} ms` : "none");

/** By limit, for a pod that shares Node's pages with others and for one that is charged for them. */
export function pagesTable(measured: readonly Pages[]): string {
  return [
    "| limit | pages of Node | idle | under 64 connections | own requests answered / failed | p99 of a read | pages read again | `doctor` |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...measured.map(({ limitMib, pages, idle, flooded, reads, probes, majorFaults, doctorMs }) => {
      const asked = [reads, probes];
      const cells = [
        `${limitMib} MiB`,
        pages,
        `${idle} MiB`,
        `${flooded} MiB`,
        `${count(answered(asked))} / ${failed(asked)}`,
        orNone(reads.p99Ms),
        count(majorFaults),
        orNone(doctorMs),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ].join("\n");
}
