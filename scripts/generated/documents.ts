/** The documents of which a part is generated: the settings table, and what was measured with real SDKs. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Outcome } from "../../acceptance/load/attacked.ts";
import type { Pages } from "../../acceptance/load/pages.ts";
import { loadTable, pagesTable } from "../../acceptance/load/table.ts";
import { readResults } from "../../bench/fleet/results.ts";
import { table as fleetTable } from "../../bench/fleet/table.ts";
import type { Results as BenchResults } from "../../bench/results.ts";
import { benchTables } from "../../bench/tables.ts";
import { readClients } from "../../conformance/harness/clients.ts";
import { between } from "../../conformance/harness/markdown.ts";
import type { Results } from "../../conformance/harness/results.ts";
import { shortTable } from "../../conformance/harness/short-table.ts";
import { fullTables } from "../../conformance/harness/tables.ts";
import type { Figure } from "../../conformance/incident/summary.ts";
import { comparison, markdownTable } from "../../conformance/incident/table.ts";
import { scenarios } from "../../conformance/scenarios/all.ts";
import { settingsTable } from "../../src/settings/usage.ts";
import { clientLinesTable } from "./client-lines.ts";
import { failuresTable } from "./failures.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const readJson = (path: string): unknown => JSON.parse(read(path));

/** The document with new texts between its marks `<!-- name -->` and `<!-- /name -->`. Throws without these marks. */
function withParts(path: string, parts: Readonly<Record<string, string>>): readonly [path: string, text: string] {
  let text = read(path);
  for (const [name, part] of Object.entries(parts)) {
    if (!text.includes(`<!-- ${name} -->\n`)) throw new Error(`${path} has no line <!-- ${name} -->`);
    text = between(name, text, part);
  }
  return [path, text];
}

const withPart = (path: string, name: string, part: string) => withParts(path, { [name]: part });

/** The load in README: what the incident's article reports as 200 ms. */
const REQUESTS_AT_ONCE = 3;

/** By path. */
export async function documents(): Promise<ReadonlyMap<string, string>> {
  const results = readJson("conformance/results.json") as Results;
  const { figures } = readJson("conformance/incident/results.json") as { readonly figures: readonly Figure[] };
  const { outcomes } = readJson("acceptance/load/results.json") as { readonly outcomes: readonly Outcome[] };
  const { measured } = readJson("acceptance/load/pages.json") as { readonly measured: readonly Pages[] };
  const bench = readJson("bench/results.json") as Partial<BenchResults>;
  const clients = await readClients(fileURLToPath(new URL("conformance/clients", root)));
  return new Map([
    withPart("README.md", "incident", comparison(figures, REQUESTS_AT_ONCE)),
    withPart("conformance/incident/README.md", "incident", markdownTable(figures)),
    withPart("conformance/results.md", "conformance", fullTables(results, scenarios)),
    withParts("docs/compatibility.md", { conformance: shortTable(results, clients), lines: clientLinesTable() }),
    withPart("docs/operations.md", "failures", failuresTable()),
    withPart("docs/settings.md", "settings", settingsTable()),
    withParts("docs/how-it-works.md", fleetTables()),
    withParts("docs/benchmarks.md", { ...benchTables(bench), load: loadTable(outcomes), pages: pagesTable(measured) }),
  ]);
}

/** By the name of their place. */
function fleetTables(): Readonly<Record<string, string>> {
  const entries = readResults().fleets.map(({ pods, rows }) => [`fleet-${pods}`, fleetTable(rows)] as const);
  return Object.fromEntries(entries);
}
