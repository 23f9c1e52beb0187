/**
 * One request to an endpoint on the pod's own node: a container endpoint or IMDS. By `node:http`, which is loaded for
 * the listeners anyway; never through a proxy, never following a redirect.
 */

import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { UpstreamFailure } from "./failure.ts";
import { lookup } from "./lookup.ts";
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

/** In ms, without a byte. An endpoint on the node answers at once or not at all; the credential cache retries. */
const IDLE_MS = 2_000;

/** A credentials document has about 2 KB; Node itself bounds the headers, at 16 KiB. */
const MAX_BODY_BYTES = 1_048_576;

/** Answers before the answer (status 1xx). An endpoint on the node has no reason for any; without a bound they never end. */
const MAX_INTERIM_ANSWERS = 16;

/** Minutes or hours pass between requests: no connection is kept. */
const agent = new HttpAgent({ keepAlive: false });

/** Rejects with Node's error, or with an `UpstreamFailure` for an answer over 1 MiB or a wait over 2 s. */
export async function nearbyRequest(given: NearbyRequest): Promise<NearbyResponse> {
  const request = await open(given);
  try {
    const response = await responseTo(request);
    const { "retry-after": retryAfter } = response.headers;
    return {
      status: response.statusCode ?? 0,
      headers: { "retry-after": retryAfter },
      body: await bodyOf(response),
    };
  } finally {
    request.destroy();
  }
}

/** Settles whatever the endpoint does: Node reports no error when it closes a connection that was to be upgraded. */
async function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  let interimAnswers = 0;
  request.on("response", resolve).on("error", reject);
  request.on("timeout", () => request.destroy(new UpstreamFailure("timeout", "upstream did not answer in time")));
  request.on("information", () => {
    interimAnswers += 1;
    if (interimAnswers <= MAX_INTERIM_ANSWERS) return;
    request.destroy(new UpstreamFailure("malformed", "upstream sent interim answers without end"));
  });
  request.on("upgrade", (_response, socket: Duplex) => {
    socket.destroy();
    reject(new UpstreamFailure("malformed", "upstream switched to another protocol"));
  });
  request.on("close", () => reject(new UpstreamFailure("unreachable", "upstream closed the connection")));
  request.end();
  return await promise;
}

async function open({ method = "GET", url, headers = {}, signal, ca }: NearbyRequest): Promise<ClientRequest> {
  const options = { method, headers, signal, timeout: IDLE_MS, lookup };
  if (url.protocol !== "https:") return httpRequest(url, { ...options, agent });
  // TLS takes memory, and few container endpoints speak it.
  const { request } = await import("node:https");
  return request(url, { ...options, agent: false, ...(ca !== undefined && { ca }) });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new UpstreamFailure("malformed", "upstream's answer is longer than 1 MiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
