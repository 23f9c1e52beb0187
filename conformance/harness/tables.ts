/** From results to the tables of the two READMEs. Pure. */
import type { Client } from "./clients.ts";
import type { Results, Row } from "./results.ts";
import type { Scenario } from "./scenario.ts";
import { isWorse, type Verdict } from "./verdict.ts";

/** What is measured to compare with, and promises nothing. */
const COMPARISONS: readonly string[] = ["static", "straight", "undeclared"];

type Named = Pick<Client, "name" | "sdk">;
type Told = Pick<Scenario, "id" | "title" | "promise">;

/** One row per client: the worst of its protocols in each scenario. */
export function shortTable({ rows }: Results, clients: readonly Named[], scenarios: readonly Told[]): string {
  const shown = clients.filter(({ name }) => rows.some(({ client }) => client === name));
  const headings = ["SDK", "version", "15 min, straight", ...scenarios.map(({ title }) => title)];
  const lines = shown.map(({ name, sdk }) => {
    const own = rows.filter(({ client }) => client === name);
    const straight = own.filter(({ variant }) => variant === "straight");
    const through = scenarios.map(({ id }) => worst(own.filter(promised).filter(({ scenario }) => scenario === id)));
    return [sdk, own.at(-1)?.version ?? "", worst(straight), ...through];
  });
  return table(headings, lines);
}

const promised = ({ variant }: Row): boolean => !COMPARISONS.includes(variant);

function worst(rows: readonly Row[]): string {
  const verdicts = rows.map(({ verdict }) => verdict);
  return verdicts.reduce<Verdict | "–">((found, one) => (found === "–" || isWorse(one, found) ? one : found), "–");
}

/** Every run, scenario by scenario. */
export function fullTables(results: Results, scenarios: readonly Told[]): string {
  const { date, versions, rows } = results;
  const ran = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const parts = scenarios.flatMap(({ id, title, promise }) => {
    const own = rows.filter(({ scenario }) => scenario === id);
    return own.length === 0 ? [] : [`### ${title}\n\n${promise}\n\n${scenarioTable(own)}`];
  });
  return [`Run on ${date} with ${ran.join(", ")}.`, ...parts].join("\n\n");
}

const HEADINGS = [
  "client",
  "version",
  "protocol",
  "form",
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
      const { client, version, protocol, variant, verdict, remark, counts } = row;
      const base = variant === "static" ? undefined : baselines.get(client);
      const numbers = [counts?.requests, counts?.reads, counts?.upstreamCalls].map((count) => String(count ?? "–"));
      const times = [latency(counts?.p50Ms, base?.p50Ms), latency(counts?.p99Ms, base?.p99Ms)];
      return [client, version, protocol, variant || "–", ...numbers, ...times, verdict, escaped(remark)];
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

/** An error's text may hold what Markdown takes for a table, or for HTML. */
function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll(/\s+/g, " ");
}

function table(headings: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [row(headings), row(headings.map(() => "---")), ...lines.map(row)].join("\n");
}

/** The text with what is between `<!-- name -->` and `<!-- /name -->` replaced; unchanged without these marks. */
export function between(name: string, text: string, replacement: string): string {
  const marks = new RegExp(`(?<=<!-- ${name} -->\\n)[\\s\\S]*(?=<!-- /${name} -->)`);
  return text.replace(marks, () => `${replacement}\n`);
}
