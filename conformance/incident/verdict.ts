/** What the replay claims, and whether its figures bear it out. Pure: each fault is a sentence, none is a pass. */
import { type Run, setUps, summarize, timesStatic } from "./summary.ts";

/** The role's name, then its credentials: what Java v1 asks of IMDSv1 for each read. */
const CALLS_A_READ = 2;

/** One to begin with, and one for a refresh in between. */
const READS_AT_MOST = 2;

/** From about 20 ms to 200 ms is what the article was named after; 22 ms to 203 ms is what it is here. */
const TIMES_SLOWER = 9;

/** How far the sidecar may be from static credentials. */
const SHARE = 0.05;

/** Static credentials ask nobody, straight every request asks twice, and the sidecar is hardly read at all. */
export function faultsInCounts(runs: readonly Run[], loads: readonly number[]): readonly string[] {
  const wanted = loads.flatMap((atOnce) => setUps.map((setUp) => ({ setUp, atOnce })));
  const absent = wanted.filter((one) => !runs.some((run) => run.setUp === one.setUp && run.atOnce === one.atOnce));
  return [
    ...absent.map(({ setUp, atOnce }) => `${setUp}, ${atOnce} at once: not measured`),
    ...runs.flatMap(faultsInRun),
  ];
}

function faultsInRun({ setUp, atOnce, requests, upstreamCalls, reads = 0 }: Run): readonly string[] {
  const found = (what: string) => [`${setUp}, ${atOnce} at once: ${what} for ${requests} requests`];
  switch (setUp) {
    case "static":
      return upstreamCalls === 0 ? [] : found(`${upstreamCalls} upstream calls, not none,`);
    case "straight": {
      const least = CALLS_A_READ * requests;
      return upstreamCalls >= least ? [] : found(`${upstreamCalls} upstream calls, not ${least} or more,`);
    }
    case "sidecar":
      return reads >= 1 && reads <= READS_AT_MOST ? [] : found(`${reads} reads of the sidecar, not 1 to 2,`);
  }
}

/** Nine times the latency straight, under the heavier load; static credentials' own through the sidecar, under each. */
export function faultsInTimes(runs: readonly Run[]): readonly string[] {
  const figures = summarize(runs);
  const heaviest = Math.max(...figures.map(({ atOnce }) => atOnce));
  return figures.flatMap(({ setUp, atOnce }) => {
    const times = (key: "p50Ms" | "perSecond") => timesStatic(runs, setUp, atOnce, key);
    const faults: string[] = [];
    const expect = (holds: boolean, value: number, what: string) => {
      if (!holds) faults.push(`${setUp}, ${atOnce} at once: ${value.toFixed(3)} times static credentials' ${what}`);
    };
    if (setUp === "straight" && atOnce === heaviest) {
      expect(times("p50Ms") >= TIMES_SLOWER, times("p50Ms"), `p50, not ${TIMES_SLOWER} or more`);
    }
    if (setUp === "sidecar") {
      expect(times("p50Ms") <= 1 + SHARE, times("p50Ms"), `p50, not ${1 + SHARE} or less`);
      expect(times("perSecond") >= 1 - SHARE, times("perSecond"), `throughput, not ${1 - SHARE} or more`);
    }
    return faults;
  });
}
