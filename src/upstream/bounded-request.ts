/**
 * One request by `node:http` or `node:https`, of which nothing is without a bound: neither time nor bytes nor answers
 * before the answer. Never through a proxy, never following a redirect.
 */

import { type ClientRequest, type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";
import { lookup } from "./lookup.ts";

export interface Bounds {
  /** Until the connection is made, with its TLS; in ms. */
  readonly connectMs: number;
  /** Without a byte, once it is; in ms. Whoever asks has a signal for the whole. */
  readonly idleMs: number;
  /** Of the answer's body. Node itself bounds the headers, at 16 KiB. */
  readonly maxBytes: number;
}

export interface BoundedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
  /** Certificates to trust for https, in PEM, instead of Node's. */
  readonly ca: string | undefined;
  readonly agents: Agents;
  readonly bounds: Bounds;
}

/** What keeps connections. OpenSSL takes time and memory, so https comes with the first request that needs it. */
export interface Agents {
  readonly http: () => HttpAgent;
  readonly https: () => Promise<HttpsAgent>;
}

export interface BoundedResponse {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** A bound that was passed, or an answer that is none. */
export class BoundError extends Error {
  override readonly name = "BoundError";
  readonly code: BoundCode;

  constructor(code: BoundCode) {
    // The SSO provider keeps nothing of an error but this text.
    super(`the answer is beyond its bounds (${code})`);
    this.code = code;
  }
}

/** In the form of Node's, for the table of failure classes. */
export type BoundCode =
  | "ERR_CONNECT_TIMEOUT"
  | "ERR_ANSWER_TIMEOUT"
  | "ERR_HTTP_ANSWER_TOO_LONG"
  | "ERR_HTTP_INTERIM_ANSWERS"
  | "ERR_HTTP_OTHER_PROTOCOL"
  | "ECONNRESET";

/** Answers before the answer (status 1xx). No endpoint of AWS has a reason for any; without a bound they never end. */
const MAX_INTERIM_ANSWERS = 16;

/** Rejects with Node's error, or with a {@link BoundError}. */
export async function boundedRequest(asked: BoundedRequest): Promise<BoundedResponse> {
  const request = await open(asked);
  try {
    const response = await responseTo(request, asked);
    const body = await bodyOf(response, asked.bounds.maxBytes);
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  } catch (error) {
    request.destroy();
    // Node calls an answer that was aborted in its body a lost connection.
    throw asked.signal.aborted ? asked.signal.reason : error;
  }
}

async function open({ method, url, headers, signal, ca, agents, bounds }: BoundedRequest): Promise<ClientRequest> {
  const options = { method, headers, signal, timeout: bounds.connectMs, lookup };
  if (url.protocol !== "https:") return httpRequest(url, { ...options, agent: agents.http() });
  const { request } = await import("node:https");
  return request(url, { ...options, agent: await agents.https(), ...(ca !== undefined && { ca }) });
}

/** Settles whatever the endpoint does: Node reports no error when it closes a connection that was to be upgraded. */
async function responseTo(request: ClientRequest, { url, body, bounds }: BoundedRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  let answer: IncomingMessage | undefined;
  const end = (code: BoundCode) => void (answer ?? request).destroy(new BoundError(code));
  let interimAnswers = 0;
  let isConnected = false;
  request.on("error", reject).on("response", (response) => {
    answer = response;
    resolve(response);
  });
  request.on("socket", (socket) => {
    const onConnected = () => {
      isConnected = true;
      request.setTimeout(bounds.idleMs);
    };
    if (request.reusedSocket) onConnected();
    else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", onConnected);
  });
  request.on("timeout", () => end(isConnected ? "ERR_ANSWER_TIMEOUT" : "ERR_CONNECT_TIMEOUT"));
  request.on("information", () => {
    interimAnswers += 1;
    if (interimAnswers > MAX_INTERIM_ANSWERS) end("ERR_HTTP_INTERIM_ANSWERS");
  });
  request.on("upgrade", (_response, socket: Duplex) => {
    socket.destroy();
    reject(new BoundError("ERR_HTTP_OTHER_PROTOCOL"));
  });
  request.on("close", () => reject(new BoundError("ECONNRESET")));
  request.end(body);
  return await promise;
}

async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new BoundError("ERR_HTTP_ANSWER_TOO_LONG");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
