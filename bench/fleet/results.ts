/** What `npm run fleet` found, as it is kept for the documents. */
import { readFileSync, writeFileSync } from "node:fs";
import { figuresOf } from "./figures.ts";
import { missed } from "./limits.ts";
import type { Scenario } from "./scenarios.ts";
import { simulate } from "./simulate.ts";
import type { Row } from "./table.ts";

export interface FleetResults {
  /** One for each number of sidecars. */
  readonly fleets: readonly { readonly pods: number; readonly rows: readonly Row[] }[];
}

const file = new URL("results.json", import.meta.url);

export function rowOf(scenario: Scenario, pods: number): Row {
  const figures = figuresOf(simulate(scenario, pods));
  return { name: scenario.name, figures, missed: missed(scenario, pods, figures) };
}

export function readResults(): FleetResults {
  return JSON.parse(readFileSync(file, "utf8"));
}

export function writeResults(results: FleetResults): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
