import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { abandonable } from "../../src/upstream/abandon.ts";

let server: Server;
let port: number;

before(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});

after(() => server.close());

/** Aborts once the work has reached the server, and resolves when its connection has ended. */
async function abandonedConnection(work: () => Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const connected = once(server, "connection");
  const working = abandonable(over.signal, work).catch(() => "failed");
  const [socket] = (await connected) as [Socket];
  socket.resume().on("error", () => {});
  const closed = once(socket, "close");
  over.abort();
  await closed;
  assert.equal(await working, "failed");
}

test("ends a request that nobody answers", () =>
  abandonedConnection(
    () =>
      new Promise((_, reject) => {
        request(`http://127.0.0.1:${port}/`).on("error", reject).end();
      }),
  ));

test("leaves alone what another attempt began", async () => {
  const over = new AbortController();
  const connected = once(server, "connection");
  const other = request(`http://127.0.0.1:${port}/`).on("error", () => {});
  other.end();
  const [socket] = (await connected) as [Socket];
  await abandonable(over.signal, async () => {});
  over.abort();
  assert.equal(other.destroyed, false);
  socket.end("HTTP/1.1 204 No Content\r\n\r\n");
  const [response] = await once(other, "response");
  assert.equal(response.statusCode, 204);
});
