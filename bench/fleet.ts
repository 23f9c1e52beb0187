/**
 * `npm run fleet`: what 10,000 and 100,000 sidecars do to STS, by the program's own schedule in simulated time, and whether
 * it is what promise 15 says. Takes a few minutes, and keeps what it found for the documents (`npm run generate`).
 * `npm run fleet -- 5000` simulates that many, and keeps nothing. Exits with 1 when a limit is missed.
 */
import { parseArgs } from "node:util";
import { rowOf, writeResults } from "./fleet/results.ts";
import { beyondTheLimit, scenarios } from "./fleet/scenarios.ts";
import { table } from "./fleet/table.ts";

const { positionals } = parseArgs({ allowPositionals: true });
const sizes = positionals.length > 0 ? positionals.map(Number) : [10_000, 100_000];
if (!sizes.every((size) => Number.isInteger(size) && size > 0)) throw new Error("a size is a number of sidecars");

const fleets = sizes.map((pods) => {
  const all = pods > 10_000 ? [...scenarios, ...beyondTheLimit] : scenarios;
  const rows = all.map((scenario) => rowOf(scenario, pods));
  console.log(`${pods.toLocaleString("en-US")} sidecars\n\n${table(rows)}\n`);
  return { pods, rows };
});
if (positionals.length === 0) writeResults({ fleets });
if (fleets.some(({ rows }) => rows.some(({ missed }) => missed.length > 0))) process.exitCode = 1;
