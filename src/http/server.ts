/** Node's HTTP server with limits for a local endpoint, and the writing of answers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { ListenAddress } from "../settings/values.ts";
import { type Answer, renderError } from "./documents.ts";

const LIMITS = {
  maxHeaderSize: 8_192,
  /** A client on the same host sends its request at once; Node's defaults are 60 s and 300 s. */
  headersTimeout: 2_000,
  requestTimeout: 2_000,
  connectionsCheckingInterval: 1_000,
  /** SDKs pool connections; closing early would race with their next request. */
  keepAliveTimeout: 65_000,
  /** A missing Host gets our own answer. */
  requireHostHeader: false,
} as const;

/** Bounds memory: an idle connection costs about 10 KB. Health has a listener of its own. */
const MAX_CONNECTIONS = 2_048;

/** A refused peer has this long to end its half of the connection. */
const LINGER_MS = 2_000;

/** A stopped server waits this long for answers in flight; a cold read takes at most 800 ms. */
const CLOSE_LIMIT_MS = 2_000;

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The address cannot be listened on; the message says which and why. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly code = "ListenFailed";
}

/** Several servers, one per address, that open and close together. */
export class Listener {
  readonly #servers: readonly Server[];
  readonly #addresses: readonly ListenAddress[];

  constructor(addresses: readonly ListenAddress[], handler: Handler, onMalformed: () => void) {
    this.#addresses = addresses;
    this.#servers = addresses.map(() => {
      const server = createServer(LIMITS, handler);
      server.maxConnections = MAX_CONNECTIONS;
      // Node would answer `Expect` itself, before the guards; nobody here waits for a body.
      server.on("checkContinue", handler);
      server.on("checkExpectation", handler);
      server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
        if (refuseBytes(error, socket)) onMalformed();
      });
      return server;
    });
  }

  /** Resolves with the bound addresses, or rejects with a {@link ListenError}. */
  async open(): Promise<readonly ListenAddress[]> {
    return await Promise.all(this.#servers.map((server, index) => openServer(server, this.#addresses[index])));
  }

  /** Lets answers in flight finish, for {@link CLOSE_LIMIT_MS} at most. Harmless when closed already. */
  async close(setTimer: (delayMs: number, fire: () => void) => () => void): Promise<void> {
    await Promise.all(
      this.#servers.map(async (server) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        server.close(() => resolve());
        server.closeIdleConnections();
        const cancel = setTimer(CLOSE_LIMIT_MS, () => server.closeAllConnections());
        await promise;
        cancel();
      }),
    );
  }
}

async function openServer(server: Server, address: ListenAddress | undefined): Promise<ListenAddress> {
  const { host, port = 0 } = address ?? {};
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (error: NodeJS.ErrnoException) => {
    reject(new ListenError(`cannot listen on ${host ?? "every interface"}, port ${port}: ${reasonOf(error)}`));
  });
  server.listen(host === undefined ? { port } : { host, port }, resolve);
  await promise;
  return { host, port: (server.address() as AddressInfo).port };
}

function reasonOf({ code = "failed" }: NodeJS.ErrnoException): string {
  if (code === "EADDRINUSE") return "the port is in use";
  if (code === "EADDRNOTAVAIL") return "this pod has no such address";
  return code === "EACCES"
    ? "not allowed (ports below 1024: set the pod's sysctl net.ipv4.ip_unprivileged_port_start to 0)"
    : code;
}

/**
 * Bytes that are not a request get an answer that is one, and the connection ends. False when they cannot have it: the
 * peer is gone, or these are more of the bytes that were refused already.
 */
function refuseBytes({ code }: NodeJS.ErrnoException, socket: Socket): boolean {
  if (!socket.writable || code === "ECONNRESET") {
    socket.destroy();
    return false;
  }
  const [status, message] = byteFaults[code ?? ""] ?? ([400, "the request cannot be read"] as const);
  const { headers, body } = renderError(status, "MalformedRequest", message, ["Connection", "close"]);
  const lines = headers.flatMap((text, index) => (index % 2 === 0 ? [`${text}: ${headers[index + 1]}`] : []));
  socket.setTimeout(LINGER_MS, () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join("\r\n")}\r\n\r\n${body.toString()}`);
  return true;
}

const byteFaults: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "the headers are larger than 8 KiB"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request did not arrive within 2 s"],
};

/** Writes a rendered answer. HEAD gets the headers alone. */
export function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers as string[]);
  response.end(request.method === "HEAD" ? undefined : body);
}
