/** What was measured under load, as docs/benchmarks.md shows it. */
import type { Kind, Outcome } from "./attacked.ts";

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
