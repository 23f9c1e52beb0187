/** Runs one scenario for every client and protocol, a few at a time, and judges each run. */
import type { Client } from "./clients.ts";
import { MissingToolError } from "./needs.ts";
import { keyOf, type Row, rounded } from "./results.ts";
import { BrokenClientError, type Context, type Scenario, type Spec } from "./scenario.ts";
import { isInShare } from "./share.ts";

export async function runScenario(
  scenario: Scenario,
  clients: readonly Client[],
  context: Context,
): Promise<readonly Row[]> {
  const specs = await specsOf(scenario, clients, context);
  const rows = new Map<Spec, Row>();
  await inPool(longestFirst(specs, scenario.id, context.recorded), scenario.together, async (spec) => {
    rows.set(spec, await rowOf(scenario, spec, context));
  });
  return specs.flatMap((spec) => rows.get(spec) ?? []);
}

/**
 * The order in which a pool is busy to its end: a long run that begins last leaves the other cores idle. What was never
 * timed may be the longest. Pure.
 */
export function longestFirst(specs: readonly Spec[], scenario: string, recorded: readonly Row[]): readonly Spec[] {
  const seconds = new Map(recorded.map((row) => [keyOf(row), row.seconds]));
  const of = ({ client, protocol, variant }: Spec) =>
    seconds.get(keyOf({ scenario, client: client.name, protocol, variant })) ?? Number.MAX_VALUE;
  return specs.toSorted((a, b) => of(b) - of(a));
}

const titleOf = ({ id }: Scenario, { client, protocol, variant }: Spec): string =>
  [id, client.name, protocol, variant].filter((part) => part !== "").join(" ");

async function inPool(specs: readonly Spec[], width: number, work: (spec: Spec) => Promise<void>): Promise<void> {
  const waiting = [...specs];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: Math.min(width, specs.length) }, worker));
}

async function specsOf(scenario: Scenario, clients: readonly Client[], context: Context): Promise<readonly Spec[]> {
  const specs: Spec[] = [];
  for (const client of clients.filter((one) => !context.isWhole || isInShare(one, scenario))) {
    for (const protocol of client.protocols) {
      const variants = await scenario.variants(client, protocol, context);
      specs.push(...variants.map((variant) => ({ client, protocol, variant })));
    }
  }
  return specs;
}

async function rowOf(scenario: Scenario, spec: Spec, context: Context): Promise<Row> {
  const startedAt = performance.now();
  const found = await measured(scenario, spec, context);
  const row = { ...found, seconds: Math.round((performance.now() - startedAt) / 1_000) };
  context.say(`${titleOf(scenario, spec)}: ${row.verdict} ${row.remark}`);
  return row;
}

async function measured(scenario: Scenario, spec: Spec, context: Context): Promise<Row> {
  const { client, protocol, variant } = spec;
  const { date, isGate } = context;
  const run = { date, ...(isGate && isInShare(client, scenario) && { inGate: true as const }) };
  const common = { scenario: scenario.id, client: client.name, protocol, variant, version: client.version, ...run };
  try {
    const { version = client.version, ...counts } = rounded(await scenario.measure(context, spec));
    return { ...common, version, ...scenario.judge(counts, spec), counts };
  } catch (error) {
    if (error instanceof MissingToolError) throw error;
    if (!(error instanceof BrokenClientError)) {
      throw new Error(`${titleOf(scenario, spec)}: the harness failed`, { cause: error });
    }
    return { ...common, verdict: "broken", remark: error.message };
  }
}
