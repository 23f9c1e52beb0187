/** Builds the clients from the newest packages, and writes the report. Both go where git does not look. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Client, readClients } from "../harness/clients.ts";
import { build, buildFolder, requireTools } from "../harness/needs.ts";
import { type NotBuilt, type Report, reportText } from "./differences.ts";
import { KEPT, upgradedCopy } from "./upgrade.ts";

/** Programs say `../../build` for where they are built, so that the copy has its own. */
const newestFolder = join(buildFolder, "newest");

export interface Built {
  readonly built: readonly Client[];
  readonly notBuilt: readonly NotBuilt[];
}

/**
 * Of those clients that have a newest release: what Debian installs and what is old on purpose has none. One that cannot
 * be built is reported and does not keep the others from running.
 */
export async function buildNewest(
  from: string,
  clients: readonly Client[],
  say: (line: string) => void,
): Promise<Built> {
  const wanted = clients.filter(({ name, build: command }) => command.length > 0 && !KEPT.includes(name));
  await requireTools(wanted);
  // What was built before would be taken for the newest.
  await rm(newestFolder, { recursive: true, force: true });
  const copy = join(newestFolder, "clients");
  await upgradedCopy(from, copy, new Set(wanted.map(({ folder }) => basename(folder))));
  await mkdir(join(newestFolder, "build"), { recursive: true });
  const names = new Set(wanted.map(({ name }) => name));
  const built: Client[] = [];
  const notBuilt: NotBuilt[] = [];
  for (const client of (await readClients(copy)).filter(({ name }) => names.has(name))) {
    try {
      await build([client], say);
      built.push(client);
    } catch (error) {
      notBuilt.push({ client: client.name, why: (error as Error).message.slice(-300) });
    }
  }
  return { built, notBuilt };
}

/** As `report.json` and `report.md`, below `conformance/build/newest`. */
export async function writeReport(report: Report): Promise<Report & { readonly text: string }> {
  const text = reportText(report);
  await writeFile(join(newestFolder, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(newestFolder, "report.md"), text);
  return { ...report, text };
}
