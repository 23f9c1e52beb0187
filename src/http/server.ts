/** Node's HTTP server with limits for a local endpoint, and the writing of answers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { DropReason } from "../drops.ts";
import { isLoopback } from "../settings/addresses.ts";
import type { ListenAddress } from "../settings/values.ts";
import { Connection } from "./connection.ts";
import type { ConnectionHost } from "./connection-host.ts";
import type { Answer } from "./documents.ts";
import { CLOSE, malformedRequest, refuseBytes } from "./malformed.ts";
import type { Asked } from "./repeats.ts";
import { ResponseBytes } from "./response-bytes.ts";
import type { Rooms } from "./room.ts";
import { reset } from "./sockets.ts";

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
  /** Requests without a body, which are all that get further, then cost no stream of their own. */
  optimizeEmptyRequests: true,
} as const;

/**
 * How many connections the kernel keeps until they are accepted, one in each turn of the event loop. A peer beyond them
 * tries again after a second, when a probe has failed already. Linux takes 4,096 at most.
 */
const BACKLOG = 4_096;

/** A peer that takes none of its answer for so long is given up; each answer fits a packet or two. */
const STALLED_MS = 5_000;

/** A stopped server waits this long for answers in flight; a cold read that waits longer is cut off. */
const CLOSE_LIMIT_MS = 2_000;

/** Answers a request by one call of `reply`, at once or later. */
export type Handler = (request: IncomingMessage, reply: (answer: Answer) => void) => void;

export interface ListenerOptions {
  readonly addresses: readonly ListenAddress[];
  readonly handler: Handler;
  /** For a request that was answered with 200 before: its answer, when that needs no waiting. Otherwise it does nothing. */
  readonly answerAgain?: (request: Asked) => Answer | undefined;
  /** The wall clock in ms. */
  readonly now: () => number;
  /** The process's, for the limits count the connections of all listeners together. */
  readonly rooms: Rooms;
  /** `fault` is a stable word: Node's code for it, or ours. */
  readonly onMalformed: (fault: string) => void;
  readonly onDropped: (reason: DropReason) => void;
}

/** The address cannot be listened on; the message says which and why. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly code = "ListenFailed";
  readonly address: ListenAddress;
  /** Node's code, such as `EADDRINUSE`. */
  readonly reason: string;

  constructor(address: ListenAddress, reason: string) {
    const { host = "every interface", port } = address;
    super(`cannot listen on ${host}, port ${port}: ${reasonOf(reason)}`);
    this.address = address;
    this.reason = reason;
  }
}

/** On the socket itself: a WeakMap of sockets is gone through at every collection, which took a third of a connection. */
const CONNECTION = Symbol("connection");
type Accepted = Socket & { [CONNECTION]?: Connection };

/** Several servers, one per address, that open and close together. */
export class Listener {
  readonly #servers: readonly Server[];
  readonly #options: ListenerOptions;
  readonly #host: ConnectionHost;
  #isClosing = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#host = {
      onDropped: options.onDropped,
      onRefused: (code, socket) => this.#refuse(code, socket),
      // Node ends each connection after its answer when the server closes.
      answerAgain: (request) => (this.#isClosing ? undefined : options.answerAgain?.(request)),
      bytesOf: new ResponseBytes(options.now, LIMITS.keepAliveTimeout),
      keepAliveMs: LIMITS.keepAliveTimeout,
      stalledMs: STALLED_MS,
    };
    this.#servers = options.addresses.map(({ host }) => this.#createServer(host !== undefined && isLoopback(host)));
  }

  #createServer(isLoopbackAlone: boolean): Server {
    const onRequest = (request: IncomingMessage, response: ServerResponse) => this.#onRequest(request, response);
    const server = createServer(LIMITS, onRequest);
    server.timeout = STALLED_MS;
    // Node would answer `Expect` itself, before the guards; nobody here waits for a body.
    server.on("checkContinue", onRequest);
    server.on("checkExpectation", onRequest);
    server.on("connection", (socket: Socket) => this.#onConnection(socket, isLoopbackAlone));
    server.on("timeout", (socket: Socket) => this.#onTimeout(socket));
    server.on("clientError", ({ code }: NodeJS.ErrnoException, socket: Socket) => this.#refuse(code, socket));
    return server;
  }

  /** Nobody but this pod reaches loopback; to ask the kernel for the addresses costs a tenth of a connection. */
  #onConnection(socket: Socket, isLoopbackAlone: boolean): void {
    const { rooms, onDropped } = this.#options;
    const room = isLoopbackAlone
      ? rooms.pod
      : rooms.of({ remoteAddress: socket.remoteAddress, localAddress: socket.localAddress });
    if (!room.admits()) {
      socket.resetAndDestroy();
      onDropped("full");
      return;
    }
    (socket as Accepted)[CONNECTION] = new Connection(socket, room, this.#host);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const connection = (request.socket as Accepted)[CONNECTION];
    connection?.begin(response);
    const reply = (answer: Answer) => {
      send(request, response, answer, connection);
      if (answer.status === 200 && this.#options.answerAgain !== undefined) connection?.remember(request);
    };
    const malformed = malformedRequest(request);
    if (malformed === undefined) {
      this.#options.handler(request, reply);
    } else {
      this.#options.onMalformed(malformed.fault);
      reply(malformed.answer);
    }
  }

  #refuse(code: string | undefined, socket: Socket): void {
    if (refuseBytes(code, socket)) this.#options.onMalformed(code ?? "UNREADABLE");
  }

  /** Nothing was sent or read for a while. */
  #onTimeout(socket: Socket): void {
    if (socket.writableLength > 0) (socket as Accepted)[CONNECTION]?.drop("unread");
    else if (socket.writable) socket.destroySoon();
    else reset(socket);
  }

  /** Resolves with the bound addresses, or rejects with a {@link ListenError}. */
  async open(): Promise<readonly ListenAddress[]> {
    return await Promise.all(this.#servers.map((server, index) => openServer(server, this.#options.addresses[index])));
  }

  /** Lets answers in flight finish, for {@link CLOSE_LIMIT_MS} at most. Harmless when closed already. */
  async close(setTimer: (delayMs: number, fire: () => void) => () => void): Promise<void> {
    this.#isClosing = true;
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
  server.once("error", ({ code = "failed" }: NodeJS.ErrnoException) => reject(new ListenError({ host, port }, code)));
  server.listen({ port, backlog: BACKLOG, ...(host !== undefined && { host }) }, resolve);
  await promise;
  return { host, port: (server.address() as AddressInfo).port };
}

function reasonOf(code: string): string {
  if (code === "EADDRINUSE") return "the port is in use";
  if (code === "EADDRNOTAVAIL") return "this pod has no such address";
  return code === "EACCES"
    ? "not allowed (ports below 1024: set the pod's sysctl net.ipv4.ip_unprivileged_port_start to 0)"
    : code;
}

/** Writes a rendered answer. HEAD gets the headers alone. */
function send(request: IncomingMessage, response: ServerResponse, answer: Answer, connection?: Connection): void {
  const { status, headers, body, encoding } = answer;
  const isLast = connection?.isLast(answer) ?? false;
  response.writeHead(status, (isLast ? [...headers, ...CLOSE] : headers) as string[]);
  if (request.method === "HEAD") response.end();
  else response.end(body, encoding);
}
