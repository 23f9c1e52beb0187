/** Which thresholds one read is answered by, and under which name it is counted. Pure. */
import type { Client, Protocol, Windows } from "./clients.ts";
import type { Recognition } from "./identification.ts";

/** The clients that the pod's author named: in the path, or for the whole pod (`SIDECAR_CLIENT`). */
export interface Declared {
  readonly byPath: Client | undefined;
  readonly bySetting: Client | undefined;
}

export interface IdentifiedClient {
  /** One of few, so that a metric may carry it. */
  readonly label: string;
  /** What padding may count on; undefined gets the honest report. */
  readonly windows: Windows | undefined;
  /** Below this reported lifetime, in seconds, the client reads again and again; undefined when nobody knows. */
  readonly advisorySeconds: number | undefined;
  /** The field in which a named client looks for the access key ID, where that is not AWS's own. */
  readonly accessKeyIdField?: Client["accessKeyIdField"];
}

/**
 * The path counts before the request's own marks, and these before the setting, which is for requests that do not
 * say. Where a declared client and the request's marks disagree, the smaller `insists` counts: a wrong declaration
 * may cost reads, never a late signature.
 */
export function identifiedClient(protocol: Protocol, declared: Declared, recognition: Recognition): IdentifiedClient {
  const seen = recognition.kind === "unknown" ? undefined : recognition.client;
  const named = declared.byPath ?? (recognition.kind === "certain" ? recognition.client : undefined);
  const declaredClient = named ?? (seen === undefined || seen === declared.bySetting ? declared.bySetting : undefined);
  const advisorySeconds = (declaredClient ?? seen)?.[protocol].advisorySeconds;
  if (declaredClient === undefined) return { label: recognition.label, windows: undefined, advisorySeconds };
  const { mandatorySeconds } = declaredClient[protocol];
  const doubted = Math.min(mandatorySeconds, seen?.[protocol].mandatorySeconds ?? mandatorySeconds);
  const windows = { advisorySeconds: declaredClient[protocol].advisorySeconds, mandatorySeconds: doubted };
  const client = { label: declaredClient.name, windows, advisorySeconds };
  const { accessKeyIdField } = declaredClient;
  return accessKeyIdField === undefined ? client : { ...client, accessKeyIdField };
}
