/** One request to an endpoint on the pod's own node: a container endpoint or IMDS. Never through a proxy. */
import { Agent } from "node:http";
import { type Agents, type Bounds, boundedRequest } from "./bounded-request.ts";
import type { Headers } from "./retry-after.ts";

export interface NearbyRequest {
  readonly method?: "GET" | "PUT";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Certificates to trust for https, in PEM, instead of Node's. */
  readonly ca?: string | undefined;
}

export interface NearbyResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** An endpoint on the node answers at once or not at all; the credential cache retries. A credentials document has about 2 KB. */
const BOUNDS: Bounds = { connectMs: 2_000, idleMs: 2_000, maxBytes: 1_048_576 };

/** Minutes or hours pass between requests: no connection is kept. */
const http = new Agent({ keepAlive: false });
const agents: Agents = {
  http: () => http,
  https: async () => new (await import("node:https")).Agent({ keepAlive: false }),
};

/** Rejects with Node's error, or with a `BoundError` for an answer over 1 MiB or a wait over 2 s. */
export async function nearbyRequest({
  method = "GET",
  url,
  headers = {},
  signal,
  ca,
}: NearbyRequest): Promise<NearbyResponse> {
  const answer = await boundedRequest({ method, url, headers, signal, ca, agents, bounds: BOUNDS });
  const { "retry-after": retryAfter } = answer.headers;
  return { status: answer.status, headers: { "retry-after": retryAfter }, body: answer.body.toString("utf8") };
}
