/** `npm run incident`: the incident that this sidecar ends, replayed. See `conformance/incident/README.md`. */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { generate } from "../../scripts/generated/files.ts";
import { version } from "../../src/version.ts";
import { runCommand } from "../harness/command.ts";
import { build, requireTools } from "../harness/needs.ts";
import { UsageError } from "../harness/options.ts";
import { draw } from "./picture.ts";
import { performRound, type Round } from "./round.ts";
import { SDK_VERSION, service } from "./service-setup.ts";
import { type Run, summarize } from "./summary.ts";
import { plainTable } from "./table.ts";
import { faultsInCounts, faultsInTimes } from "./verdict.ts";

const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const paths = {
  results: inProject("conformance/incident/results.json"),
  docs: inProject("docs"),
  picture: inProject("docs/incident.svg"),
};

/** One request at a time is what the article's capture shows; it made one to three calls for each of its own. */
const LOADS = [1, 3];

type Size = Omit<Round, "atOnce"> & { readonly rounds: number };

const FULL: Size = { rounds: 5, warmUp: 200, turns: 30, requestsATurn: 10 };
const QUICK: Size = { rounds: 1, warmUp: 10, turns: 2, requestsATurn: 20 };

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(args: readonly string[]): Promise<number> {
  const { quick, rounds } = readOptions(args);
  await requireTools([service]);
  await build([service], say);
  const runs = await performAll({ ...(quick ? QUICK : FULL), ...(rounds === undefined ? {} : { rounds }) });
  say(plainTable(summarize(runs)));
  const faults = [...faultsInCounts(runs, LOADS), ...(quick ? [] : faultsInTimes(runs))];
  for (const fault of faults) say(`NOT AS PROMISED  ${fault}`);
  if (faults.length > 0) return 1;
  if (!quick) await save(runs);
  return 0;
}

interface Options {
  readonly quick: boolean;
  readonly rounds: number | undefined;
}

function readOptions(args: readonly string[]): Options {
  try {
    const options = { quick: { type: "boolean", default: false }, rounds: { type: "string" } } as const;
    const { quick, rounds } = parseArgs({ args: [...args], options }).values;
    if (rounds === undefined) return { quick, rounds };
    if (!/^[1-9]\d?$/.test(rounds)) throw new Error("--rounds takes a number from 1 to 99");
    return { quick, rounds: Number(rounds) };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function performAll({ rounds, ...size }: Size): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const atOnce of LOADS) {
      const own = await performRound({ ...size, atOnce });
      const medians = own.map(({ setUp, p50Ms }) => `${setUp} ${p50Ms.toFixed(1)} ms`);
      say(`round ${round} of ${rounds}, ${atOnce} at once: p50 ${medians.join(", ")}`);
      runs.push(...own);
    }
  }
  return runs;
}

async function save(runs: readonly Run[]): Promise<void> {
  const figures = summarize(runs);
  const date = new Date().toISOString().slice(0, 10);
  const versions = {
    "aws-credential-sidecar": version,
    Node: process.version.slice(1),
    "aws-java-sdk-core": SDK_VERSION,
  };
  await writeFile(paths.results, `${JSON.stringify({ date, versions, figures, runs }, undefined, 2)}\n`);
  await mkdir(paths.docs, { recursive: true });
  await writeFile(paths.picture, draw(figures, date));
  await generate();
}

await runCommand(main);
