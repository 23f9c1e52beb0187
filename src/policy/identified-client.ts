/** Decides which client sent a read, and so its windows and the name that counts it. Pure. */
import type { Client, Protocol, Windows } from "./clients.ts";
import type { Recognition } from "./identification.ts";

/** The clients that the pod's author named: in the path, or for the whole pod (`SIDECAR_CLIENT`). */
export interface Declared {
  readonly byPath: Client | undefined;
  readonly bySetting: Client | undefined;
}

export interface IdentifiedClient {
  /** One of a few names, so that a metric may carry it. */
  readonly name: string;
  /** The windows that padding may rely on; without them the client gets the honest report. */
  readonly windows: Windows | undefined;
  /** Below this reported lifetime, in seconds, the client reads at every use. Undefined when it is not known. */
  readonly advisorySeconds: number | undefined;
  /** The field in which a named client looks for the access key ID, when that is not AWS's own. */
  readonly accessKeyIdField?: Client["accessKeyIdField"];
}

/**
 * The client named in the path comes first, then what the request's own headers prove, then the setting, which is for
 * requests that do not say who they are. When a declaration and the headers disagree, the smaller mandatory window
 * counts: a wrong declaration may cost reads, never a request signed too late.
 */
export function identifiedClient(protocol: Protocol, declared: Declared, recognition: Recognition): IdentifiedClient {
  const seen = recognition.kind === "unknown" ? undefined : recognition.client;
  const client = declared.byPath ?? (recognition.kind === "certain" ? recognition.client : settingFor(declared, seen));
  const advisorySeconds = (client ?? seen)?.[protocol].advisorySeconds;
  if (client === undefined) return { name: recognition.name, windows: undefined, advisorySeconds };
  const { advisorySeconds: advisory, mandatorySeconds } = client[protocol];
  const doubted = seen === undefined || agree(client, seen) ? mandatorySeconds : seen[protocol].mandatorySeconds;
  const windows = { advisorySeconds: advisory, mandatorySeconds: Math.min(mandatorySeconds, doubted) };
  const { name, accessKeyIdField } = client;
  return { name, windows, advisorySeconds, ...(accessKeyIdField && { accessKeyIdField }) };
}

function settingFor({ bySetting }: Declared, seen: Client | undefined): Client | undefined {
  return bySetting === undefined || seen === undefined || agree(bySetting, seen) ? bySetting : undefined;
}

/** Headers tell the client, but hardly ever its generation: a declared generation agrees with its client's headers. */
function agree(declared: Client, seen: Client): boolean {
  return declared === seen || seen.generationInUse === declared.name;
}
