/** Endpoints on the node whose answers have no end. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { useEnvironment } from "../support/environment.ts";
import { defaultUpstream, failureOf } from "../support/identities.ts";

const CHUNK = Buffer.alloc(65_536, "x");

/** Answers with `head` and then writes for as long as anybody reads. Counts the bytes. */
async function endlessServer(t: TestContext, head: string) {
  const written = { bytes: 0, closed: Promise.withResolvers<void>() };
  const server = createServer((socket: Socket) => {
    const pour = () => {
      while (socket.writable && written.bytes < 100_000_000) {
        written.bytes += CHUNK.length;
        if (!socket.write(CHUNK)) return;
      }
    };
    socket.on("error", () => {}).on("close", () => written.closed.resolve());
    socket.once("data", () => {
      socket.write(head);
      pour();
    });
    socket.on("drain", pour);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, written };
}

for (const kind of ["container", "imds"] as const) {
  for (const [part, head] of [
    ["body", "HTTP/1.1 200 OK\r\n\r\n"],
    ["body in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n"],
    ["headers", "HTTP/1.1 200 OK\r\nX-Long: "],
  ] as const) {
    test(`${kind}: an answer whose ${part} never end is malformed, and is read no further`, async (t) => {
      const { url, written } = await endlessServer(t, head);
      const variable = kind === "imds" ? "AWS_EC2_METADATA_SERVICE_ENDPOINT" : "AWS_CONTAINER_CREDENTIALS_FULL_URI";
      useEnvironment(t, { [variable]: url, AWS_EC2_METADATA_V1_DISABLED: "true" });
      assert.equal((await failureOf(defaultUpstream([`--upstream=${kind}`]))).kind, "malformed");
      await written.closed.promise;
      // What the socket's buffers hold comes on top of what was read.
      assert.ok(written.bytes < 20_000_000, `${written.bytes} bytes were taken`);
    });
  }
}
