/** Small HTTP servers: on loopback, at a port that the system chooses, unless told. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface Incoming {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** `undefined` leaves the request without an answer. */
export type Handler = (request: Incoming) => Promise<Reply | undefined> | Reply | undefined;

export interface Served {
  /** Without a slash at the end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Longer than any pause of a client, also by a clock that runs 60 times faster. */
const KEEP_ALIVE_MS = 3_600_000;

export interface Where {
  readonly host?: string;
  /** 0: the system chooses. */
  readonly port?: number;
  /** With it, TLS: the server's key and certificate as PEM. */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
}

export async function serve(handler: Handler, { host = "127.0.0.1", port = 0, tls }: Where = {}): Promise<Served> {
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    answer(handler, request, response).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      response.destroy();
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(port, host);
  await once(server, "listening");
  return {
    url: `${tls === undefined ? "http" : "https"}://${host}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Reads the request to its end and sends what `handler` says. */
export async function answer(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = "GET", url: target = "/", headers } = request;
  const reply = await handler({ method, target, headers, body: Buffer.concat(chunks) });
  if (reply === undefined) return;
  const body = Buffer.from(reply.body ?? "");
  response.writeHead(reply.status, { "Content-Length": body.length, ...reply.headers });
  response.end(body);
}

export const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(value),
});

export const text = (status: number, body: string): Reply => ({
  status,
  headers: { "Content-Type": "text/plain" },
  body,
});
