/** What the runs found, as it is checked in, and what got worse since. */
import type { Protocol } from "../../src/policy/clients.ts";
import { type Counts, isWorse, type Verdict } from "./verdict.ts";

export interface Row {
  readonly scenario: string;
  readonly client: string;
  readonly protocol: Protocol;
  /** Empty where a scenario has one form. */
  readonly variant: string;
  /** As the SDK itself says; as `client.json` says when the program did not run. */
  readonly version: string;
  readonly verdict: Verdict;
  readonly remark: string;
  /** Undefined when the program did not run to its end. */
  readonly counts?: Counts;
}

export interface Results {
  /** `2026-01-01`; of the last run that changed a row. */
  readonly date: string;
  /** What ran besides the clients. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

export const nothing: Results = { date: "", versions: {}, rows: [] };

export const keyOf = ({ scenario, client, protocol, variant }: Row): string =>
  [scenario, client, protocol, variant].join(" · ");

/** The rows of a run instead of those that were there before; what was not run stays. */
export function merge(before: Results, now: Results): Results {
  const rows = new Map([...before.rows, ...now.rows].map((row) => [keyOf(row), row]));
  const sorted = [...rows.values()].sort((a, b) => keyOf(a).localeCompare(keyOf(b), "en"));
  return { date: now.date, versions: { ...before.versions, ...now.versions }, rows: sorted };
}

/** Rows whose verdict is worse than before, as lines for people; `eitherWay` as the scenarios have it. */
export function worsened(
  before: Results,
  now: readonly Row[],
  eitherWay: (row: Row) => boolean = () => false,
): readonly string[] {
  const known = new Map(before.rows.map((row) => [keyOf(row), row]));
  return now.flatMap((row) => {
    const was = known.get(keyOf(row));
    if (was === undefined || !isWorse(row.verdict, was.verdict)) return [];
    if (was.verdict === "works" && row.verdict === "recovers" && eitherWay(row)) return [];
    return [`${keyOf(row)}: was ${was.verdict}, is ${row.verdict} (${row.remark})`];
  });
}

/** One row on one line, so that a diff shows what changed. */
export function format({ date, versions, rows }: Results): string {
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n");
  return `{\n  "date": ${JSON.stringify(date)},\n  "versions": ${JSON.stringify(versions)},\n  "rows": [\n${lines}\n  ]\n}\n`;
}

/** Times to hundredths of a ms: more is noise in a file that is checked in. */
export function rounded(counts: Counts): Counts {
  const entries = Object.entries(counts).map(([name, value]) => [
    name,
    typeof value === "number" ? Math.round(value * 100) / 100 : value,
  ]);
  return Object.fromEntries(entries) as Counts;
}
