/** The client programs, as their `client.json` describes them. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { findClient, type Protocol } from "../../src/policy/clients.ts";

const shares = ["all", "few", "nothing"] as const;
export type Share = (typeof shares)[number];

export interface Client {
  readonly name: string;
  readonly sdk: string;
  /** Its row in `src/policy/clients.ts`. */
  readonly row: string;
  readonly version: string;
  readonly protocols: readonly Protocol[];
  readonly needs: readonly { readonly command: string; readonly package: string }[];
  /** Empty when nothing is to be built. */
  readonly build: readonly string[];
  readonly run: readonly string[];
  readonly remark: string;
  /** Each request is a process of its own, as with the AWS CLI: slow, and each reads for itself. */
  readonly processPerRequest: boolean;
  /** What AWS answers is not what it reads: only to its name does the sidecar give that. */
  readonly mustBeNamed: boolean;
  /** The name for which `aws-credential-sidecar env` prints its lines, where that is not its row. */
  readonly setup: string;
  /** What of it the gate runs: all that the reduced run has, a few scenarios, or nothing but what is asked for. */
  readonly gate: Share;
  /** Where `build` and `run` are run. */
  readonly folder: string;
}

/** Every client below the folder, sorted by name. Throws with all that is wrong. */
export async function readClients(folder: string): Promise<readonly Client[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  const lists = await Promise.all(folders.map(readFolder));
  const clients = lists.flat().sort((a, b) => a.name.localeCompare(b.name, "en"));
  const twice = clients.filter(({ name }, index) => clients[index + 1]?.name === name);
  if (twice.length > 0) throw new Error(`two clients are called ${twice.map(({ name }) => name).join(", ")}`);
  return clients;
}

async function readFolder(folder: string): Promise<readonly Client[]> {
  const path = join(folder, "client.json");
  const written = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    // A folder whose program is still being written is not a client yet.
    if (error.code === "ENOENT") return "[]";
    throw error;
  });
  const parsed: unknown = JSON.parse(written);
  return (Array.isArray(parsed) ? parsed : [parsed]).map((one) => readClient(one, folder, path));
}

const defaults = { build: [], remark: "", processPerRequest: false, mustBeNamed: false, gate: "all" } as const;

/** Checks one entry; the message names the file and every fault. */
export function readClient(given: unknown, folder: string, path: string): Client {
  const entry = (typeof given === "object" && given !== null ? given : {}) as Readonly<Record<string, unknown>>;
  const faults = [
    ...["name", "sdk", "row", "version"].filter((key) => typeof entry[key] !== "string" || entry[key] === ""),
    ...["build", "run"].filter((key) => !isWords(entry[key] ?? [])),
    ...["processPerRequest", "mustBeNamed"].filter((key) => !["boolean", "undefined"].includes(typeof entry[key])),
    ...(isWords(entry.run) && entry.run.length > 0 ? [] : ["run"]),
    ...(isWords(entry.protocols) && entry.protocols.every(isProtocol) ? [] : ["protocols"]),
    ...(Array.isArray(entry.needs) && entry.needs.every(isNeed) ? [] : ["needs"]),
    ...["row", "setup"].flatMap((key) => (isKnown(entry[key]) ? [] : [`${key} ${entry[key]}`])),
    ...(entry.gate === undefined || shares.includes(entry.gate as Share) ? [] : ["gate"]),
  ];
  if (faults.length > 0) throw new Error(`${path}: bad ${[...new Set(faults)].join(", ")}`);
  const described = entry as unknown as Omit<Client, "folder" | "setup"> & Partial<Pick<Client, "setup">>;
  return { ...defaults, setup: described.row, ...described, folder };
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

/** What is no text at all is said already. */
function isKnown(name: unknown): boolean {
  return typeof name !== "string" || findClient(name) !== undefined;
}

function isProtocol(name: string): name is Protocol {
  return name === "container" || name === "imds";
}

function isNeed(value: unknown): boolean {
  return typeof value === "object" && value !== null && "command" in value && "package" in value;
}
