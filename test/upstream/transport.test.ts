/** What ends a request to STS that would not end by itself. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { classify } from "../../src/upstream/classify.ts";
import { createTransports, type SdkRequest } from "../../src/upstream/transport.ts";
import { fakeServer } from "../support/fake-http.ts";

const PLAIN = { env: {}, ca: undefined };
/** Long, but for the one that a test is about. */
const LONG = { connectMs: 60_000, idleMs: 60_000, maxBytes: 1_000 };

/** The transport of an attempt that has all the time it needs. */
const within = (bounds: Partial<typeof LONG>, signal = new AbortController().signal) =>
  createTransports(() => {}, { ...LONG, ...bounds }).during(signal, PLAIN);

/** A TCP server that lets `serve` have each connection; gone when the test ends. */
async function tcpServer(t: TestContext, serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    serve(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

function requestTo(protocol: string, port: number): SdkRequest {
  const request = { protocol, hostname: "127.0.0.1", port, method: "GET", path: "/", query: {}, headers: {} };
  return request as unknown as SdkRequest;
}

const isTimeout = (thrown: unknown) => classify(thrown, 0).kind === "timeout";

test("a connection that is never made ends by its time-out", async (t) => {
  // A TLS handshake that nobody answers is a part of connecting.
  const request = requestTo("https:", await tcpServer(t, () => {}));
  await assert.rejects(within({ connectMs: 1 }).handle(request), isTimeout);
});

test("an answer that never begins ends by its time-out", async (t) => {
  const request = requestTo("http:", await tcpServer(t, () => {}));
  await assert.rejects(within({ idleMs: 1 }).handle(request), isTimeout);
});

test("an answer that stops in its body ends by its time-out", async (t) => {
  const port = await tcpServer(t, (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"));
  const request = requestTo("http:", port);
  await assert.rejects(within({ idleMs: 20 }).handle(request), isTimeout);
});

test("an attempt whose time is over ends its request", async (t) => {
  const over = new AbortController();
  const ended = Promise.withResolvers<void>();
  const port = await tcpServer(t, (socket) => {
    socket.resume().on("close", ended.resolve);
    over.abort();
  });
  const transport = createTransports(() => {}).during(over.signal, PLAIN);
  await assert.rejects(transport.handle(requestTo("http:", port)));
  await ended.promise;
});

test("an attempt whose time is over in the body ends its request", async (t) => {
  const over = new AbortController();
  const ended = Promise.withResolvers<void>();
  const port = await tcpServer(t, (socket) => {
    socket.resume().on("close", ended.resolve);
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", () => over.abort());
  });
  await assert.rejects(within({}, over.signal).handle(requestTo("http:", port)), isTimeout);
  await ended.promise;
});

test("an answer that is longer than it may be is read no further", async (t) => {
  const body = "x".repeat(LONG.maxBytes + 1);
  const { port } = await fakeServer(t, () => ({ body }));
  const isTooLong = (thrown: unknown) => classify(thrown, 0).upstreamCode === "ERR_HTTP_ANSWER_TOO_LONG";
  await assert.rejects(within({}).handle(requestTo("http:", port)), isTooLong);
});

test("the query of a request is sent with it, and the next request of the attempt has the same connection", async (t) => {
  const connections: string[] = [];
  const port = await tcpServer(t, (socket) => {
    const index = connections.push("") - 1;
    socket.on("data", (bytes) => {
      connections[index] = `${connections[index]}${bytes}`;
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    });
  });
  const transport = within({});
  const query = { account_id: "123456789012", role_name: "a+b", all: ["1", "2"] };
  for (const _ of [1, 2]) {
    await transport.handle(Object.assign(requestTo("http:", port), { query }));
    // Node's agent has the connection back one turn later.
    await new Promise(setImmediate);
  }
  const lines = connections.map((text) => text.match(/^GET .*$/gm));
  const line = "GET /?account_id=123456789012&all=1&all=2&role_name=a%2Bb HTTP/1.1";
  assert.deepEqual(lines, [[line, line]]);
});
