/**
 * One scenario of the clients that know only link-local addresses, inside of a network namespace that has these and
 * nothing else. One run at a time, for there is one port 80. The rows go to a file.
 */
import { writeFile } from "node:fs/promises";
import { readClients } from "../harness/clients.ts";
import { runCommand } from "../harness/command.ts";
import { Fixtures } from "../harness/fixtures.ts";
import { runScenario } from "../harness/run-scenario.ts";
import { scenarios } from "../scenarios/all.ts";
import type { Inside } from "./run.ts";

const fixtures = new Fixtures();

async function main([given = ""]: readonly string[]): Promise<number> {
  const { scenario, clients, folder, rows, context } = JSON.parse(given) as Inside;
  const found = scenarios.find(({ id }) => id === scenario);
  if (found === undefined) throw new Error(`no scenario ${scenario}`);
  const chosen = (await readClients(folder)).filter(({ name }) => clients.includes(name));
  const { real, simulated } = fixtures;
  const say = (line: string) => void process.stdout.write(`${line.trimEnd().replaceAll(/\s+/g, " ")}\n`);
  const ran = await runScenario({ ...found, together: 1 }, chosen, { ...context, say, real, simulated });
  await writeFile(rows, JSON.stringify(ran));
  return 0;
}

await runCommand(main, () => fixtures.close());
