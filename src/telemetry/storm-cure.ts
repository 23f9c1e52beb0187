/** What ends a storm, in words for the pod's author. Pure. */
import { findClient, type Protocol } from "../lifetime/clients.ts";
import { MINUTE, SECOND } from "../lifetime/renewal.ts";
import type { Reader } from "../lifetime/thresholds.ts";

export interface StormCure {
  readonly text: string;
  /** What to write into the pod's manifest, as `NAME=value`, where one line does it. */
  readonly line: string | undefined;
}

export interface StormCureInput {
  readonly reader: Reader;
  readonly protocol: Protocol;
  /** What it was told, in ms. */
  readonly reportedLifetime: number;
  /** Whether `SIDECAR_PADDING` is on. */
  readonly padding: boolean;
}

/**
 * Who most likely sends an agent that says only which HTTP library it is: the SDK of that language. On the container
 * protocol JavaScript v3 and Rust send none at all.
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

/** Padding where it helps, else longer sessions. Who is not known can be named by whoever knows. */
export function stormCure({ reader, protocol, reportedLifetime, padding }: StormCureInput): StormCure {
  const { label, thresholds } = reader;
  const client = findClient(likely[label] ?? label);
  const { asks, insists } = thresholds ?? client?.[protocol] ?? { asks: 0, insists: 0 };
  const storms = reportedLifetime <= asks * SECOND;
  const padded = reportedLifetime + insists * SECOND >= asks * SECOND + MINUTE;
  if (client === undefined || !storms) return { text: `${NAME_IT}, or ${LONGER}`, line: undefined };
  if (!padded || insists === 0) return { text: LONGER, line: undefined };
  const { name } = client;
  const who = name === label ? name : `it is most likely ${name}`;
  const byName = `name the client (${who}) with SIDECAR_CLIENT=${name} or in the URI (/v1/for/${name}/credentials)`;
  if (thresholds === undefined) return { text: `${byName}, or ${LONGER}`, line: `SIDECAR_CLIENT=${name}` };
  if (padding) return { text: LONGER, line: undefined };
  return { text: `allow padding (SIDECAR_PADDING=auto), or ${LONGER}`, line: "SIDECAR_PADDING=auto" };
}

const NAME_IT = "name the client with SIDECAR_CLIENT or in the URI (such as /v1/for/botocore/credentials)";
