import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

export interface FakeProxy {
  readonly url: string;
  /** The first line of every request so far. */
  readonly requests: readonly string[];
}

/**
 * An HTTP proxy that leads every tunnel to `port` of the loopback, whatever name was asked for, and after it has lost
 * the first `loses` requests; or that refuses with a status line. Gone when the test ends.
 */
export async function fakeProxy(
  t: TestContext,
  to: { port: number; loses?: number } | { refusal: string },
): Promise<FakeProxy> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    // A test that ends closes tunnels that are still open.
    socket.on("error", () => {});
    return socket;
  };
  const server = createServer((client) => {
    track(client).once("data", (head) => {
      requests.push(head.toString("latin1").split("\r\n", 1)[0] ?? "");
      if ("refusal" in to) {
        client.end(`HTTP/1.1 ${to.refusal}\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      if (requests.length <= (to.loses ?? 0)) return;
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(track(connect(to.port, "127.0.0.1"))).pipe(client);
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests };
}
