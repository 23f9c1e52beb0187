/** What the newest releases do otherwise than those that are recorded. Pure. */
import { failedReads } from "../../src/policy/failed-reads.ts";
import { failedReadOf, showsFailedRead } from "../harness/failed-read.ts";
import { escaped, table } from "../harness/markdown.ts";
import { keyOf, type Row } from "../harness/results.ts";

export interface Difference {
  /** Scenario, client, protocol and form; the client alone when it could not be built. */
  readonly of: string;
  readonly what: "verdict" | "reads" | "failed read" | "build";
  readonly was: string;
  readonly is: string;
}

export interface ReleasedVersion {
  readonly client: string;
  readonly recorded: string;
  readonly newest: string;
}

export interface Report {
  readonly versions: readonly ReleasedVersion[];
  readonly differences: readonly Difference[];
}

/** A client that could not be built from its newest packages, and why. */
export interface NotBuilt {
  readonly client: string;
  readonly why: string;
}

/** Rows that were never recorded have nothing to differ from. */
export function reportOf(recorded: readonly Row[], now: readonly Row[], notBuilt: readonly NotBuilt[]): Report {
  const known = new Map(recorded.map((row) => [keyOf(row), row]));
  const pairs = now.flatMap((row) => {
    const was = known.get(keyOf(row));
    return was === undefined ? [] : [{ was, row }];
  });
  const versions = new Map(
    pairs.map(({ was, row }) => [row.client, { client: row.client, recorded: was.version, newest: row.version }]),
  );
  const unbuilt = notBuilt.map(({ client, why }) => ({ of: client, what: "build" as const, was: "built", is: why }));
  return {
    versions: [...versions.values()],
    differences: [...unbuilt, ...pairs.flatMap(({ was, row }) => differencesOf(was, row))],
  };
}

function differencesOf(was: Row, row: Row): readonly Difference[] {
  const of = keyOf(row);
  const texts = [
    { what: "verdict" as const, was: was.verdict, is: row.verdict },
    { what: "reads" as const, was: readsOf(was), is: readsOf(row) },
    { what: "failed read" as const, was: failureOf(was), is: failureOf(row) },
  ];
  return texts
    .filter((one) => one.what !== "reads" || isOtherwise(was, row))
    .flatMap((one) => (one.was === one.is ? [] : [{ of, ...one }]));
}

/** Windows show in how often a client reads: those that change make it read at least twice as often, or half. */
const FACTOR = 2;
/** Fewer reads than this more or less are a matter of chance. */
const READS = 5;

function isOtherwise(was: Row, row: Row): boolean {
  const [before, after] = [shareOf(was), shareOf(row)];
  if (before === undefined || after === undefined) return false;
  const requests = row.counts?.requests ?? 0;
  const [less, more] = before < after ? [before, after] : [after, before];
  return more >= FACTOR * less && (more - less) * requests > READS;
}

function readCountOf({ counts }: Row): number | undefined {
  return counts?.reads ?? counts?.upstreamCalls;
}

function shareOf(row: Row): number | undefined {
  const reads = readCountOf(row);
  return reads === undefined || row.counts === undefined ? undefined : reads / Math.max(1, row.counts.requests);
}

function readsOf(row: Row): string {
  return `${readCountOf(row) ?? 0} in ${row.counts?.requests ?? 0}`;
}

function failureOf(row: Row): string {
  return showsFailedRead(row) ? failedReads[failedReadOf(row)].short : "";
}

/** For the issue that a scheduled run opens. */
export function reportText({ versions, differences }: Report): string {
  const changed = versions.filter(({ recorded, newest }) => recorded !== newest);
  const parts = [
    differences.length === 0
      ? "The newest releases do what the recorded ones do."
      : `The newest releases do ${differences.length === 1 ? "one thing" : `${differences.length} things`} otherwise than the recorded ones.`,
    differences.length === 0
      ? ""
      : table(
          ["run", "what", "recorded", "newest"],
          differences.map((one) => [one.of, one.what, one.was, one.is].map(escaped)),
        ),
    changed.length === 0
      ? "No version is newer than the recorded one."
      : table(
          ["client", "recorded", "newest"],
          changed.map((one) => [one.client, one.recorded, one.newest].map(escaped)),
        ),
    "`conformance/run --newest` runs this again; pin the newest version in `conformance/clients`, run `conformance/run --only CLIENT`, and correct its row in `src/policy/clients.ts`.",
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
