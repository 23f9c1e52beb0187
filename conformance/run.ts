/** `conformance/run`: real SDKs, unmodified, against the real sidecar. See `conformance/README.md`. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { generate } from "../scripts/generated/files.ts";
import { version } from "../src/version.ts";
import { type Client, readClients } from "./harness/clients.ts";
import { runCommand } from "./harness/command.ts";
import { Fixtures } from "./harness/fixtures.ts";
import { fixedAddressOf } from "./harness/link-local.ts";
import { build, requireTools } from "./harness/needs.ts";
import { choose, type Options, readOptions } from "./harness/options.ts";
import {
  format,
  type IsPossible,
  merge,
  nothing,
  possibleWith,
  type Results,
  type Row,
  regressions,
} from "./harness/results.ts";
import { runScenario } from "./harness/run-scenario.ts";
import type { Scenario } from "./harness/scenario.ts";
import { isInGate } from "./harness/share.ts";
import { runLinkLocal } from "./link-local/run.ts";
import { buildNewest, writeReport } from "./newest/build.ts";
import { reportOf } from "./newest/differences.ts";
import { stopAll } from "./processes.ts";
import { scenarios } from "./scenarios/all.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const paths = {
  clients: join(here, "clients"),
  results: join(here, "results.json"),
};

const fixtures = new Fixtures();
const startedAt = performance.now();
const say = (line: string) => {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0).padStart(5);
  process.stdout.write(`${seconds} s  ${line.trimEnd().replaceAll(/\s+/g, " ")}\n`);
};

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const known = await readClients(paths.clients);
  const isWhole = !options.all && options.only === undefined && options.scenarios === undefined;
  const named = choose("client", options.only, new Map(known.map((client) => [client.name, client])));
  const clients = isWhole && !options.list ? named.filter(isInGate) : named;
  const chosen = choose("scenario", options.scenarios?.map(idOf), new Map(scenarios.map((one) => [one.id, one])));
  if (options.list) return list(clients, chosen);
  if (options.newest) return await runNewest(clients, chosen, options);
  await requireTools(clients);
  await build(clients, say);
  const isPossible = possibleWith(known, scenarios);
  const rows = await performAll(clients, chosen, { ...options, isWhole }, (found) => save(found, isPossible));
  const wasRun = (row: Row): boolean =>
    !isPossible(row) ||
    (chosen.some(({ id }) => id === row.scenario) && clients.some(({ name }) => name === row.client));
  const worse = regressions(await checkedIn(), rows, { eitherWay: isEitherWay, wasRun });
  for (const line of worse) process.stdout.write(`WORSE  ${line}\n`);
  say(`${rows.length} runs; ${worse.length} verdicts got worse`);
  return worse.length > 0 ? 1 : 0;
}

/** Exits with 1 when a newest release does anything otherwise, so that a scheduled job can tell somebody. */
async function runNewest(clients: readonly Client[], chosen: readonly Scenario[], options: Options): Promise<number> {
  const { built, notBuilt } = await buildNewest(paths.clients, clients, say);
  const asked = options.scenarios !== undefined || options.all;
  const few = asked ? chosen : chosen.filter(({ basic = false }) => basic);
  const rows = await performAll(built, few, { ...options, isWhole: false }, async () => {});
  const { rows: recorded } = await readResults();
  const { text, differences } = await writeReport(reportOf(recorded, rows, notBuilt));
  process.stdout.write(`\n${text}`);
  return differences.length > 0 ? 1 : 0;
}

function isEitherWay(row: Row): boolean {
  return scenarios.find(({ id }) => id === row.scenario)?.eitherWay?.(row) ?? false;
}

/** A scenario may be asked for by its number in the list, which is its place here. */
function idOf(name: string): string {
  return scenarios[Number(name) - 1]?.id ?? name;
}

function list(clients: readonly Client[], chosen: readonly Scenario[]): number {
  for (const { name, sdk, version: pinned, protocols } of clients) {
    process.stdout.write(`client    ${name.padEnd(16)} ${sdk} ${pinned} (${protocols.join(", ")})\n`);
  }
  for (const { id, promise } of chosen) process.stdout.write(`scenario  ${id.padEnd(16)} ${promise}\n`);
  return 0;
}

async function performAll(
  clients: readonly Client[],
  chosen: readonly Scenario[],
  { all, scenarios: named, isWhole }: Options & { readonly isWhole: boolean },
  keep: (rows: readonly Row[]) => Promise<void>,
): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  const { real, simulated } = fixtures;
  const asked = named !== undefined;
  const date = new Date().toISOString().slice(0, 10);
  const { rows: recorded } = await readResults();
  const context = { all, asked, isGate: !all && !asked, isWhole, date, recorded, folder, say, real, simulated };
  const rows: Row[] = [];
  try {
    for (const scenario of chosen) {
      const [fixed = [], any = []] = [true, false].map((known) =>
        clients.filter((client) => (fixedAddressOf(client) !== undefined) === known),
      );
      const found = [...(await runScenario(scenario, any, context)), ...(await runLinkLocal(scenario, fixed, context))];
      await keep(found);
      rows.push(...found);
    }
    return rows;
  } finally {
    await fixtures.close();
    await stopAll();
    await rm(folder, { recursive: true });
  }
}

/** After each scenario, so that a run that is interrupted keeps what it found. */
async function save(rows: readonly Row[], isPossible: IsPossible): Promise<void> {
  const versions = { "aws-credential-sidecar": version, Node: process.version.slice(1) };
  const merged = merge(await readResults(), { versions, rows }, isPossible);
  await writeFile(paths.results, format(merged));
  await generate();
}

async function readResults(): Promise<Results> {
  const written = await readFile(paths.results, "utf8").catch(() => undefined);
  return written === undefined ? nothing : (JSON.parse(written) as Results);
}

/**
 * What the last commit holds: the file itself is overwritten by each run. Without it nothing could be worse, so that a
 * git that does not answer ends the run; CI's checkout may belong to another user, which git minds.
 */
async function checkedIn(): Promise<Results> {
  const args = ["-c", "safe.directory=*", "show", "HEAD:./results.json"];
  const { stdout } = await promisify(execFile)("git", args, { cwd: here, maxBuffer: 64_000_000 });
  return JSON.parse(stdout) as Results;
}

await runCommand(main, () => fixtures.close());
