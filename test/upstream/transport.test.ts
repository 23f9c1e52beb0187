/** What ends a request to STS that would not end by itself. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { classify } from "../../src/upstream/classify.ts";
import { createTransports } from "../../src/upstream/transport.ts";
import { HandlerPool } from "../../src/upstream/undici-handler.ts";
import { fakeServer } from "../support/fake-http.ts";

const PLAIN = { env: {}, ca: undefined };
/** Long, but for the one that a test is about. */
const LONG = { connectTimeout: 60_000, headersTimeout: 60_000, bodyTimeout: 60_000 };

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

type Handler = ReturnType<HandlerPool["handlerFor"]>;

function requestTo(protocol: string, port: number): Parameters<Handler["handle"]>[0] {
  const request = { protocol, hostname: "127.0.0.1", port, method: "GET", path: "/", query: {}, headers: {} };
  return request as unknown as Parameters<Handler["handle"]>[0];
}

const isTimeout = (thrown: unknown) => classify(thrown, 0).kind === "timeout";

test("a connection that is never made ends by its time-out", async (t) => {
  // A TLS handshake that nobody answers is a part of connecting.
  const request = requestTo("https:", await tcpServer(t, () => {}));
  const handler = new HandlerPool({ ...LONG, connectTimeout: 1 }).handlerFor(request, PLAIN);
  await assert.rejects(handler.handle(request), isTimeout);
});

test("an answer that never begins ends by its time-out", async (t) => {
  const request = requestTo("http:", await tcpServer(t, () => {}));
  const handler = new HandlerPool({ ...LONG, headersTimeout: 1 }).handlerFor(request, PLAIN);
  await assert.rejects(handler.handle(request), isTimeout);
});

test("an answer that stops in its body ends by its time-out", async (t) => {
  const port = await tcpServer(t, (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"));
  const request = requestTo("http:", port);
  const handler = new HandlerPool({ ...LONG, bodyTimeout: 1 }).handlerFor(request, PLAIN);
  const { response } = await handler.handle(request);
  await assert.rejects(response.body.text(), isTimeout);
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
  const port = await tcpServer(t, (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"));
  const over = new AbortController();
  const transport = createTransports(() => {}).during(over.signal, PLAIN);
  const { response } = await transport.handle(requestTo("http:", port));
  over.abort();
  await assert.rejects(response.body.text());
});

test("a handler with its connections is kept for a proxy, and replaced with the certificates to trust", async (t) => {
  const { port } = await fakeServer(t, () => ({}));
  const request = requestTo("http:", port);
  const pool = new HandlerPool();
  const first = pool.handlerFor(request, PLAIN);
  assert.equal(pool.handlerFor(request, PLAIN), first);
  assert.notEqual(pool.handlerFor(request, { env: { http_proxy: "http://127.0.0.1:1" }, ca: undefined }), first);
  assert.notEqual(pool.handlerFor(request, { env: {}, ca: "fake" }), first);
});
