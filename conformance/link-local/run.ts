/** Runs the clients that know only link-local addresses: in a network namespace of their own, which needs root. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FIXED_ADDRESS } from "../../src/policy/client-setup.ts";
import type { Client } from "../harness/clients.ts";
import { requireTools } from "../harness/needs.ts";
import type { Row } from "../harness/results.ts";
import type { Context, Scenario } from "../harness/scenario.ts";
import { run } from "../processes.ts";

/** What the program inside is told. */
export interface Inside {
  readonly scenario: string;
  readonly clients: readonly string[];
  /** Of all clients. */
  readonly folder: string;
  /** The file for the rows. */
  readonly rows: string;
  readonly context: Omit<Context, "say" | "real" | "simulated">;
}

const program = fileURLToPath(new URL("inside.ts", import.meta.url));
const addresses = Object.values(FIXED_ADDRESS).map((address) => address.replace(/:.*/, ""));
const script = [
  "ip link set lo up",
  ...addresses.map((address) => `ip address add ${address}/32 dev lo`),
  'exec "$@"',
].join(" && ");

/** Far more than any scenario takes. */
const LIMIT_MS = 60 * 60_000;

/** The scenario's rows; nothing is started where there is no such client. */
export async function runLinkLocal(
  { id }: Pick<Scenario, "id">,
  clients: readonly Client[],
  { say, real: _real, simulated: _simulated, recorded, ...others }: Context,
): Promise<readonly Row[]> {
  const [first] = clients;
  if (first === undefined) return [];
  const tools = [
    { command: "unshare", package: "util-linux" },
    { command: "ip", package: "iproute2" },
  ];
  await requireTools([{ name: first.name, needs: tools, build: [], folder: "" }]);
  const names = clients.map(({ name }) => name);
  const own = recorded.filter(({ scenario, client }) => scenario === id && names.includes(client));
  const context = { ...others, recorded: own };
  const rows = join(context.folder, `link-local-${id}.json`);
  const given: Inside = {
    scenario: id,
    clients: names,
    folder: dirname(first.folder),
    rows,
    context,
  };
  const command = ["--net", "sh", "-c", script, "sh", process.execPath, program, JSON.stringify(given)];
  const env = Object.fromEntries(Object.entries(process.env).map(([key, value]) => [key, value ?? ""]));
  const { code, stdout, stderr } = await run("unshare", command, env, { limitMs: LIMIT_MS });
  for (const line of stdout.split("\n").filter((one) => one !== "")) say(line);
  if (code !== 0) throw new Error(`${id}: the run in a network namespace ended with ${code}: ${stderr}`);
  return JSON.parse(await readFile(rows, "utf8")) as readonly Row[];
}
