/** From results to the table of the project's README: one line for each client, on the container protocol. Pure. */
import type { Client } from "./clients.ts";
import { table } from "./markdown.ts";
import type { Results, Row } from "./results.ts";
import { isWorse, type Verdict } from "./verdict.ts";

type Named = Pick<Client, "name" | "sdk">;
type Own = readonly Row[];

interface Column {
  readonly heading: string;
  readonly cell: (container: Own, imds: Own) => string;
}

const NOTHING = "–";

const columns: readonly Column[] = [
  { heading: "version", cell: (container) => container.at(-1)?.version ?? NOTHING },
  { heading: "15 min, straight", cell: (container) => readsOf(find(container, "fifteen-minutes", "straight")) },
  { heading: "through the sidecar", cell: (container) => readsOf(find(container, "fifteen-minutes", "undeclared")) },
  { heading: "named in the path", cell: (container) => readsOf(find(container, "fifteen-minutes", "path")) },
  { heading: "for hours", cell: (container) => worst(of(container, "long-life")) },
  { heading: "outage", cell: (container) => worst(of(container, "outage").filter((row) => !outlives(row))) },
  {
    heading: "signs again after a longer one",
    cell: (container) => recoveryOf(of(container, "outage").find(outlives)),
  },
  { heading: "cold start", cell: (container) => worst(of(container, "cold-start")) },
  { heading: "restart, 503, swap", cell: (container) => worst(of(container, "disturbances")) },
  { heading: "token", cell: (container) => worst(of(container, "token")) },
  { heading: "over IMDS", cell: (_container, imds) => worst(imds.filter(promised)) },
];

export function shortTable({ rows }: Results, clients: readonly Named[]): string {
  const shown = clients.filter(({ name }) => rows.some(({ client }) => client === name));
  const lines = shown.map(({ name, sdk }) => {
    const by = (wanted: string) => rows.filter(({ client, protocol }) => client === name && protocol === wanted);
    const [container, imds] = [by("container"), by("imds")];
    return [sdk, ...columns.map(({ cell }) => cell(container, imds))];
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
