/** From results to the table of the project's README: one line for each client, on the protocol that it reads first. Pure. */

import { failedReads } from "../../src/policy/failed-reads.ts";
import type { Client } from "./clients.ts";
import { failedReadOf, showsFailedRead } from "./failed-read.ts";
import { table } from "./markdown.ts";
import type { Results, Row } from "./results.ts";
import { isWorse, type Verdict } from "./verdict.ts";

type Named = Pick<Client, "name" | "sdk" | "protocols">;
type Own = readonly Row[];

interface Column {
  readonly heading: string;
  readonly cell: (own: Own, imds: Own) => string;
}

const NOTHING = "–";

const columns: readonly Column[] = [
  { heading: "version", cell: (own) => own.at(-1)?.version ?? NOTHING },
  { heading: "an hour", cell: (own) => readsOf(of(own, "one-hour")[0]) },
  { heading: "15 min, straight", cell: (own) => readsOf(find(own, "fifteen-minutes", "straight")) },
  { heading: "through the sidecar", cell: (own) => readsOf(find(own, "fifteen-minutes", "undeclared")) },
  { heading: "named in the path", cell: (own) => readsOf(find(own, "fifteen-minutes", "path")) },
  { heading: "for hours", cell: (own) => worst(of(own, "long-life")) },
  { heading: "outage", cell: (own) => worst(of(own, "outage").filter((row) => !outlives(row))) },
  {
    heading: "signs again after a longer one",
    cell: (own) => recoveryOf(of(own, "outage").find(outlives)),
  },
  { heading: "what a failed read does", cell: (own) => failedReadIn(own) },
  { heading: "cold start", cell: (own) => worst(of(own, "cold-start")) },
  { heading: "restart, 503, swap", cell: (own) => worst(of(own, "disturbances")) },
  { heading: "token", cell: (own) => worst(of(own, "token")) },
  { heading: "over IMDS", cell: (_own, imds) => worst(imds.filter(promised)) },
];

export function shortTable({ rows }: Results, clients: readonly Named[]): string {
  const shown = clients.filter(({ name }) => rows.some(({ client }) => client === name));
  const lines = shown.map(({ name, sdk, protocols: [first = "container"] }) => {
    const by = (wanted: string) => rows.filter(({ client, protocol }) => client === name && protocol === wanted);
    const [own, imds] = [by(first), by("imds")];
    return [sdk, ...columns.map(({ cell }) => cell(own, imds))];
  });
  return table(["SDK", ...columns.map(({ heading }) => heading)], lines);
}

const of = (rows: Own, wanted: string): Own => rows.filter(({ scenario }) => scenario === wanted);

const find = (rows: Own, scenario: string, wanted: string): Row | undefined =>
  of(rows, scenario).find(({ variant }) => variant === wanted);

const outlives = ({ variant }: Row): boolean => variant.endsWith("outlived");

/** What is measured to compare with, and what nobody can bridge, promise nothing. */
const promised = (row: Row): boolean => !(outlives(row) || ["static", "straight", "undeclared"].includes(row.variant));

/** Without a sidecar, what is read is the upstream. */
function readsOf(row: Row | undefined): string {
  if (row?.counts === undefined) return NOTHING;
  if (row.verdict === "fails") return row.verdict;
  const { reads, upstreamCalls = 0, requests } = row.counts;
  const count = (reads ?? upstreamCalls).toLocaleString("en");
  return `${count} in ${requests.toLocaleString("en")}`;
}

function failedReadIn(rows: Own): string {
  const row = rows.find(showsFailedRead);
  return row === undefined ? NOTHING : failedReads[failedReadOf(row)].short;
}

function recoveryOf(row: Row | undefined): string {
  if (row === undefined) return NOTHING;
  if (row.verdict !== "recovers" || row.counts?.recoveryMs === undefined) return row.verdict;
  return `${(row.counts.recoveryMs / 60_000).toFixed(1)} min`;
}

function worst(rows: Own): string {
  const verdicts = rows.map(({ verdict }) => verdict);
  return verdicts.reduce<Verdict | "–">(
    (found, one) => (found === NOTHING || isWorse(one, found) ? one : found),
    NOTHING,
  );
}
