/** What the bench found, as docs/benchmarks.md shows it: rounded, and never to the sidecar's advantage. Pure. */
import type { Results } from "./results.ts";
import type { ReadsRow } from "./summary.ts";
import type { Variant } from "./variants.ts";

const count = (value: number): string => value.toLocaleString("en");
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** Another's advantage over the sidecar is never rounded down. */
const theirs = (ratio: number): string => (Math.ceil(ratio * 100 - 1e-9) / 100).toFixed(2);
/** Nor what the sidecar takes more than another. */
const ours = theirs;

export function readsTable(reads: Results["reads"]): string {
  const head = [
    "connections",
    "processes",
    "server",
    "reads/s",
    "reads per CPU second",
    "÷ sidecar's (quartiles)",
    "p99",
    "p99.9",
    "of a core",
  ];
  const rows = reads.flatMap(({ connections, process, rows: all }) =>
    all.map((row) => [connections, process, row.server, ...cells(row)]),
  );
  return table(head, rows);
}

function cells({ perSecond, perCpuSecond, ratio, quartiles, p99Us, p999Us, busy }: ReadsRow): readonly string[] {
  const [low, high] = quartiles;
  return [
    count(perSecond),
    count(perCpuSecond),
    `${theirs(ratio)} (${theirs(low)}–${theirs(high)})`,
    `${(p99Us / 1_000).toFixed(1)} ms`,
    `${(p999Us / 1_000).toFixed(1)} ms`,
    `${Math.round(busy * 100)} %`,
  ];
}

/** The bare server's reads per CPU second over the sidecar's, by what varies. */
export function variantsTable(what: string, variants: readonly Variant[]): string {
  const rows = variants.map(({ of, rows: [sidecar, bare] }) => [
    count(of),
    count(sidecar?.perCpuSecond ?? 0),
    count(bare?.perCpuSecond ?? 0),
    theirs(bare?.ratio ?? 0),
  ]);
  return table([what, "sidecar, reads per CPU second", "bare node:http", "bare ÷ sidecar"], rows);
}

export function startsTable(starts: Results["starts"]): string {
  const rows = starts.map(({ server, readyMs, readyCpuMs, ratio, cpuRatio }) => {
    return [server, `${readyMs} ms`, ours(ratio), `${readyCpuMs} ms`, ours(cpuRatio)];
  });
  return table(["server", "until ready", "÷ bare node:http", "CPU until ready", "÷ bare node:http"], rows);
}

export function memoryTable(memory: Results["memory"]): string {
  const rows = memory.map(({ server, idle, kept, fresh, idleClients }) => {
    return [server, ...[idle, kept, fresh, idleClients].map((mb) => mb.toFixed(1))];
  });
  const head = [
    "RssAnon, MB",
    "idle",
    "64 connections, kept",
    "64 at once, a new one for each read",
    "5,000 clients that stay",
  ];
  return table(head, rows);
}

export function sizesTable({ ownFiles, own, ownZstd, node, nodeStripped }: Results["sizes"]): string {
  return table(
    ["MB", "files", "gzip", "zstd"],
    [
      ["the image's own layers", ownFiles.toFixed(1), own.toFixed(2), ownZstd.toFixed(2)],
      ["Node, as the base has it", "–", node.toFixed(1), "–"],
      ["Node, stripped of its symbols", "–", nodeStripped.toFixed(1), "–"],
    ],
  );
}

export function peersTable(peers: Results["peers"]): string {
  const head = [
    "server",
    "reads per CPU second",
    "÷ sidecar's (quartiles)",
    "p99",
    "until ready",
    "idle MB",
    "upstream denies, credentials valid",
  ];
  const rows = peers.map(
    ({ server, perCpuSecond, ratio, quartiles: [low, high], p99Us, readyMs, idleMb, whileDenied }) => [
      server,
      count(perCpuSecond),
      `${theirs(ratio)} (${theirs(low)}–${theirs(high)})`,
      `${(p99Us / 1_000).toFixed(1)} ms`,
      `${readyMs} ms`,
      idleMb.toFixed(1),
      whileDenied,
    ],
  );
  return table(head, rows);
}

export function coldTable({ reads, upstreamCalls, waited, served }: Results["cold"]): string {
  return table(
    ["reads at once", "upstream calls", "that waited for it", "answered with credentials"],
    [[count(reads), count(upstreamCalls), count(waited), count(served)]],
  );
}

/** By the names that the tables have in docs/benchmarks.md. */
export function benchTables(results: Partial<Results>): Readonly<Record<string, string>> {
  const { reads, tokens, identities, cold, starts, memory, sizes, peers } = results;
  const shown = <T>(found: T | undefined, show: (found: T) => string) =>
    found === undefined ? NOT_MEASURED : show(found);
  return {
    reads: shown(reads, readsTable),
    tokens: shown(tokens, (found) => variantsTable("bytes of the session token", found)),
    identities: shown(identities, (found) => variantsTable("identities", found)),
    cold: shown(cold, coldTable),
    starts: shown(starts, startsTable),
    memory: shown(memory, memoryTable),
    sizes: shown(sizes, sizesTable),
    peers: shown(peers, peersTable),
  };
}

const NOT_MEASURED = "Not measured yet.";
