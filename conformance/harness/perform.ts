/** Runs one scenario for every client and protocol, a few at a time, and judges each run. */
import type { Client } from "./clients.ts";
import { MissingToolError } from "./needs.ts";
import { type Results, type Row, rounded, worsened } from "./results.ts";
import { BrokenClientError, type Context, type Scenario, type Spec } from "./scenario.ts";

export async function perform(
  scenario: Scenario,
  clients: readonly Client[],
  context: Context,
  before: Results,
): Promise<readonly Row[]> {
  const { say } = context;
  const specs = await specsOf(scenario, clients, context);
  const rows: Row[] = [];
  const waiting = [...specs.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, spec] = next;
      const row = await rowOf(scenario, spec, context);
      rows[index] = row;
      say(`${row.scenario} ${row.client} ${row.protocol} ${row.variant}: ${row.verdict} ${row.remark}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(scenario.together, specs.length) }, work));
  for (const [index, spec] of specs.entries()) {
    const row = rows[index];
    if (row === undefined || worsened(before, [row]).length === 0) continue;
    // A faked clock leaves an SDK 17 ms of its second of patience, which a busy machine may not keep: alone it does.
    say(`${row.scenario} ${row.client} ${row.protocol} ${row.variant}: got worse; once more, alone`);
    rows[index] = await rowOf(scenario, spec, context);
  }
  return rows;
}

async function specsOf(scenario: Scenario, clients: readonly Client[], context: Context): Promise<readonly Spec[]> {
  const specs: Spec[] = [];
  for (const client of clients) {
    for (const protocol of client.protocols) {
      const variants = await scenario.variants(client, protocol, context);
      specs.push(...variants.map((variant) => ({ client, protocol, variant })));
    }
  }
  return specs;
}

async function rowOf(scenario: Scenario, spec: Spec, context: Context): Promise<Row> {
  const { client, protocol, variant } = spec;
  const common = { scenario: scenario.id, client: client.name, protocol, variant, version: client.version };
  try {
    const counts = rounded(await scenario.measure(context, spec));
    return { ...common, ...scenario.judge(counts, spec), counts };
  } catch (error) {
    if (error instanceof MissingToolError) throw error;
    if (!(error instanceof BrokenClientError)) {
      throw new Error(`${scenario.id} ${client.name} ${protocol} ${variant}: the harness failed`, { cause: error });
    }
    return { ...common, verdict: "broken", remark: error.message };
  }
}
