import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a fake does with a request: an answer, a connection that breaks, or no answer ever. */
export type Reply = FakeAnswer | "reset" | "never";

export interface FakeServer {
  readonly url: string;
  readonly port: number;
  /** Every request so far. */
  readonly requests: FakeRequest[];
}

/** An HTTP server on a loopback port of the system's choice; gone when the test ends. */
export async function fakeServer(t: TestContext, reply: (request: FakeRequest) => Reply): Promise<FakeServer> {
  const requests: FakeRequest[] = [];
  const server = createServer((incoming, response) => {
    void readRequest(incoming).then((request) => {
      requests.push(request);
      const answer = reply(request);
      if (answer === "never") return;
      if (answer === "reset") {
        incoming.socket.resetAndDestroy();
        return;
      }
      response.writeHead(answer.status ?? 200, answer.headers ?? {});
      response.end(answer.body ?? "");
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, requests };
}

/** A loopback port on which nobody listens: one that the system gave out a moment ago. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const { port } = server.address() as AddressInfo;
  const closed = Promise.withResolvers<unknown>();
  server.close(closed.resolve);
  await closed.promise;
  return port;
}

async function readRequest(incoming: IncomingMessage): Promise<FakeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = "", url: path = "", headers } = incoming;
  return { method, path, headers, body: Buffer.concat(chunks).toString() };
}
