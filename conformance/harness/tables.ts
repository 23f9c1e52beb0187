/** From results to the tables of this folder's README. Pure. */
import { escaped, table } from "./markdown.ts";
import type { Results, Row } from "./results.ts";
import type { Scenario } from "./scenario.ts";

type Reported = Pick<Scenario, "id" | "title" | "promise">;

/** Every run, scenario by scenario. */
export function fullTables(results: Results, scenarios: readonly Reported[]): string {
  const { versions, rows } = results;
  const ran = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const parts = scenarios.flatMap(({ id, title, promise }) => {
    const own = rows.filter(({ scenario }) => scenario === id);
    return own.length === 0 ? [] : [`### ${title}\n\n${promise}\n\n${scenarioTable(own)}`];
  });
  return [`Last run with ${ran.join(", ")}; each row has the day on which it ran.`, ...parts].join("\n\n");
}

const HEADINGS = [
  "client",
  "version",
  "protocol",
  "form",
  "day",
  "requests",
  "reads",
  "upstream calls",
  "p50",
  "p99",
  "verdict",
  "remark",
];

function scenarioTable(rows: readonly Row[]): string {
  const baselines = new Map(
    rows.filter(({ variant }) => variant === "static").map(({ client, counts }) => [client, counts]),
  );
  return table(
    HEADINGS,
    rows.map((row) => {
      const { client, version, protocol, variant, date, verdict, remark, counts } = row;
      const base = variant === "static" ? undefined : baselines.get(client);
      const numbers = [counts?.requests, counts?.reads, counts?.upstreamCalls].map((count) => String(count ?? "–"));
      const times = [latency(counts?.p50Ms, base?.p50Ms), latency(counts?.p99Ms, base?.p99Ms)];
      return [client, version, protocol, variant || "–", date, ...numbers, ...times, verdict, escaped(remark)];
    }),
  );
}

/** What was added to static credentials where they were measured in the same run, with a sign. */
function latency(ms: number | undefined, base: number | undefined): string {
  if (ms === undefined) return "–";
  if (base === undefined) return `${ms.toFixed(1)} ms`;
  const added = ms - base;
  return `${added < 0 ? "−" : "+"}${Math.abs(added).toFixed(1)} ms`;
}
