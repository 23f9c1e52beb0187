/** The remedy for a refresh storm, in words for the pod's author. Pure. */
import { type Client, findClient, type Protocol } from "../policy/clients.ts";
import type { IdentifiedClient } from "../policy/identified-client.ts";
import { MINUTE, SECOND } from "../time.ts";

export interface StormRemedy {
  readonly text: string;
  /** What to write into the pod's manifest, as `NAME=value`, where one line does it. */
  readonly line: string | undefined;
}

export interface StormRemedyInput {
  readonly client: IdentifiedClient;
  readonly protocol: Protocol;
  readonly reportedLifetimeMs: number;
  /** True when `SIDECAR_PADDING` is on. */
  readonly padding: boolean;
}

/**
 * The most likely client behind a User-Agent that names only an HTTP library: the SDK of that language. On the container
 * protocol JavaScript v3 and Rust send no User-Agent at all.
 */
const likely: Readonly<Record<string, string>> = {
  "python-urllib3": "botocore",
  aiohttp: "botocore",
  "ruby-net-http": "ruby",
  okhttp: "kotlin",
  guzzle: "php",
  "no-agent-no-accept": "js-v3",
  "no-agent": "rust",
};

const LONGER = "let upstream issue longer sessions (one hour calms every client)";

/** Padding where it helps, else longer sessions. An unrecognised client can be named by the pod's author. */
export function stormRemedy({ client, protocol, reportedLifetimeMs, padding }: StormRemedyInput): StormRemedy {
  const { name: seen, windows } = client;
  const row = rowInUse(likely[seen] ?? seen);
  const declared = row?.name === seen;
  const { advisorySeconds, mandatorySeconds } = (declared ? windows : undefined) ??
    row?.[protocol] ?? { advisorySeconds: 0, mandatorySeconds: 0 };
  const storms = reportedLifetimeMs <= advisorySeconds * SECOND;
  const padded = reportedLifetimeMs + mandatorySeconds * SECOND >= advisorySeconds * SECOND + MINUTE;
  if (row === undefined || !storms) return { text: `${NAME_IT}, or ${LONGER}`, line: undefined };
  if (!padded || mandatorySeconds === 0) return { text: LONGER, line: undefined };
  const { name } = row;
  const who = name === seen ? name : `it is most likely ${name}`;
  const byName = `name the client (${who}) with SIDECAR_CLIENT=${name} or in the URI (/v1/for/${name}/credentials)`;
  if (windows === undefined || !declared) return { text: `${byName}, or ${LONGER}`, line: `SIDECAR_CLIENT=${name}` };
  if (padding) return { text: LONGER, line: undefined };
  return { text: `allow padding (SIDECAR_PADDING=auto), or ${LONGER}`, line: "SIDECAR_PADDING=auto" };
}

/** The row that can be padded most: that of the generation in use, where its client has one. */
function rowInUse(name: string): Client | undefined {
  const row = findClient(name);
  return findClient(row?.generationInUse ?? name);
}

const NAME_IT = "name the client with SIDECAR_CLIENT or in the URI (such as /v1/for/botocore-1/credentials)";
