/** Which thresholds one read is answered by, and under which name it is counted. Pure. */
import type { Client, Protocol, Thresholds } from "./clients.ts";
import type { Recognition } from "./recognize.ts";

/** The clients that the pod's author named: in the path, or for the whole pod (`SIDECAR_CLIENT`). */
export interface Declared {
  readonly byPath: Client | undefined;
  readonly bySetting: Client | undefined;
}

export interface Reader {
  /** One of few, so that a metric may carry it. */
  readonly label: string;
  /** What padding may count on; undefined gets the honest report. */
  readonly thresholds: Thresholds | undefined;
  /** Below this reported lifetime, in seconds, the client reads again and again; undefined when nobody knows. */
  readonly asks: number | undefined;
  /** The field in which a named client looks for the access key ID, where that is not AWS's own. */
  readonly accessKeyIdField?: Client["accessKeyIdField"];
}

/**
 * The path counts before the request's own marks, and these before the setting, which is for requests that do not
 * say. Where a declared client and the request's marks disagree, the smaller `insists` counts: a wrong declaration
 * may cost reads, never a late signature.
 */
export function readerOf(protocol: Protocol, declared: Declared, recognition: Recognition): Reader {
  const seen = recognition.kind === "unknown" ? undefined : recognition.client;
  const named = declared.byPath ?? (recognition.kind === "certain" ? recognition.client : undefined);
  const client = named ?? (seen === undefined || seen === declared.bySetting ? declared.bySetting : undefined);
  const asks = (client ?? seen)?.[protocol].asks;
  if (client === undefined) return { label: recognition.label, thresholds: undefined, asks };
  const { insists } = client[protocol];
  const doubted = Math.min(insists, seen?.[protocol].insists ?? insists);
  const thresholds = { asks: client[protocol].asks, insists: doubted };
  const reader = { label: client.name, thresholds, asks };
  const { accessKeyIdField } = client;
  return accessKeyIdField === undefined ? reader : { ...reader, accessKeyIdField };
}
