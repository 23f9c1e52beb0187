/** What the runs found, as it is checked in, and what got worse since. */
import type { Protocol } from "../../src/policy/clients.ts";
import type { Client } from "./clients.ts";
import type { Scenario } from "./scenario.ts";
import { type Counts, isAcceptable, isWorse, type Verdict } from "./verdict.ts";

export interface Row {
  readonly scenario: string;
  readonly client: string;
  readonly protocol: Protocol;
  /** Empty where a scenario has one form. */
  readonly variant: string;
  /** As the SDK itself says; as `client.json` says when the program did not run. */
  readonly version: string;
  /** The day on which it ran: `2026-01-01`. */
  readonly date: string;
  /** The reduced run, which is the gate's, has this row too. */
  readonly inGate?: true;
  readonly verdict: Verdict;
  readonly remark: string;
  /** How long it took, by the real clock: the next run begins with what takes longest. */
  readonly seconds?: number;
  /** Undefined when the program did not run to its end. */
  readonly counts?: Counts;
}

export interface Results {
  /** What ran besides the clients, in the last run that changed a row. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

export const nothing: Results = { versions: {}, rows: [] };

export const keyOf = ({
  scenario,
  client,
  protocol,
  variant,
}: Pick<Row, "scenario" | "client" | "protocol" | "variant">): string =>
  [scenario, client, protocol, variant].join(" · ");

/** Whether a run could still have this row: its scenario, its client and the client's protocol are there. */
export type IsPossible = (row: Row) => boolean;

export function possibleWith(
  clients: readonly Pick<Client, "name" | "protocols">[],
  scenarios: readonly Pick<Scenario, "id">[],
): IsPossible {
  const protocols = new Map(clients.map((client) => [client.name, client.protocols]));
  const ids = new Set(scenarios.map(({ id }) => id));
  return ({ scenario, client, protocol }) => ids.has(scenario) && (protocols.get(client)?.includes(protocol) ?? false);
}

/** The rows of a run instead of those that were there before; what was not run stays, while it is possible. */
export function merge(before: Results, now: Results, isPossible: IsPossible): Results {
  const known = new Map(before.rows.filter(isPossible).map((row) => [keyOf(row), row]));
  for (const row of now.rows) {
    const inGate = row.inGate ?? known.get(keyOf(row))?.inGate;
    known.set(keyOf(row), { ...row, ...(inGate && { inGate }) });
  }
  const sorted = [...known.values()].sort((a, b) => keyOf(a).localeCompare(keyOf(b), "en"));
  return { versions: { ...before.versions, ...now.versions }, rows: sorted };
}

/** What a run is held to, besides the rows that were there before. */
export interface Expectations {
  /** Where `works` and `recovers` are a matter of chance, as the scenarios have it. */
  readonly eitherWay: (row: Row) => boolean;
  /** Whether the row before belongs to what was run now: then it has to be there again. */
  readonly wasRun: (row: Row) => boolean;
}

/** What a run lost against the rows before: worse verdicts, new rows that fail, and rows that are gone; a line for each. */
export function regressions(before: Results, now: readonly Row[], expected: Expectations): readonly string[] {
  const known = new Map(before.rows.map((row) => [keyOf(row), row]));
  const found = new Set(now.map(keyOf));
  const gone = before.rows.filter((row) => row.inGate && expected.wasRun(row) && !found.has(keyOf(row)));
  return [
    ...now.flatMap((row) => worseThan(known.get(keyOf(row)), row, expected.eitherWay(row))),
    ...gone.map((row) => `${keyOf(row)}: was ${row.verdict}, is gone`),
  ];
}

function worseThan(was: Row | undefined, row: Row, eitherWay: boolean): readonly string[] {
  const { verdict, remark } = row;
  if (was === undefined)
    return isAcceptable(verdict)
      ? []
      : [`${keyOf(row)}: is new, and is ${verdict} (${remark}); recorded, it may be so`];
  if (!isWorse(verdict, was.verdict)) return [];
  if (was.verdict === "works" && verdict === "recovers" && eitherWay) return [];
  return [`${keyOf(row)}: was ${was.verdict}, is ${verdict} (${remark})`];
}

/** One row on one line, so that a diff shows what changed. */
export function format({ versions, rows }: Results): string {
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n");
  return `{\n  "versions": ${JSON.stringify(versions)},\n  "rows": [\n${lines}\n  ]\n}\n`;
}

/** Times to hundredths of a ms: more is noise in a file that is checked in. */
export function rounded(counts: Counts): Counts {
  const entries = Object.entries(counts).map(([name, value]) => [
    name,
    typeof value === "number" ? Math.round(value * 100) / 100 : value,
  ]);
  return Object.fromEntries(entries) as Counts;
}
