/** Endpoints on the node whose answers have no end, or lead out of HTTP. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryDirectory, useEnvironment } from "../support/environment.ts";
import { defaultUpstream, failureOf } from "../support/identities.ts";

const CHUNK = Buffer.alloc(65_536, "x");
const INTERIM = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n".repeat(2_000));

/** Answers with `head` and then writes `chunk` for as long as anybody reads. Counts the bytes. */
async function endlessServer(t: TestContext, head: string, chunk = CHUNK) {
  const written = { bytes: 0, closed: Promise.withResolvers<void>() };
  const server = createServer((socket: Socket) => {
    const pour = () => {
      while (socket.writable && written.bytes < 100_000_000) {
        written.bytes += chunk.length;
        if (!socket.write(chunk)) return;
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
  for (const [part, head, chunk] of [
    ["body", "HTTP/1.1 200 OK\r\n\r\n"],
    ["body in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n"],
    ["headers", "HTTP/1.1 200 OK\r\nX-Long: "],
    ["interim answers", "HTTP/1.1 103 Early Hints\r\n\r\n", INTERIM],
  ] as const) {
    test(`${kind}: an answer whose ${part} never end is malformed, and is read no further`, async (t) => {
      const { url, written } = await endlessServer(t, head, chunk);
      const variable = kind === "imds" ? "AWS_EC2_METADATA_SERVICE_ENDPOINT" : "AWS_CONTAINER_CREDENTIALS_FULL_URI";
      useEnvironment(t, { [variable]: url, AWS_EC2_METADATA_V1_DISABLED: "true" });
      assert.equal((await failureOf(defaultUpstream([`--upstream=${kind}`]))).kind, "malformed");
      await written.closed.promise;
      // What the socket's buffers hold comes on top of what was read.
      assert.ok(written.bytes < 20_000_000, `${written.bytes} bytes were taken`);
    });
  }
}

/** Answers each connection with `answer` once, and leaves it open. */
async function answeringServer(t: TestContext, answer: string) {
  const sockets = new Set<Socket>();
  const server = createServer((socket: Socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.once("data", () => socket.write(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("container: an answer that switches to another protocol is malformed, and the next attempt asks again", async (t) => {
  const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n";
  useEnvironment(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI: await answeringServer(t, switching) });
  const upstream = defaultUpstream(["--upstream=container"]);
  assert.equal((await failureOf(upstream)).kind, "malformed");
  assert.equal((await failureOf(upstream)).kind, "malformed");
});

test("container: a document of nested arrays is malformed before it is parsed into tens of megabytes", async (t) => {
  const body = "[".repeat(900_000);
  const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  useEnvironment(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI: await answeringServer(t, answer) });
  const before = process.memoryUsage.rss();
  assert.equal((await failureOf(defaultUpstream(["--upstream=container"]))).kind, "malformed");
  const grownBytes = process.memoryUsage.rss() - before;
  assert.ok(grownBytes < 24 * 1_048_576, `${grownBytes} bytes were added`);
});

test("STS: 1 MiB of XML entities, which exhausts the heap when parsed, is not parsed", async (t) => {
  const body = `<r>${"&lt;".repeat(250_000)}</r>`;
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n\r\n`;
  const tokenFile = join(temporaryDirectory(t), "token");
  writeFileSync(tokenFile, "fake-token");
  useEnvironment(t, {
    AWS_ENDPOINT_URL_STS: await answeringServer(t, head + body),
    AWS_REGION: "eu-west-1",
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/app",
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
  });
  const { kind, upstreamCode } = await failureOf(defaultUpstream(["--upstream=web-identity"]));
  assert.deepEqual([kind, upstreamCode], ["malformed", "ERR_HTTP_ANSWER_TOO_LONG"]);
});
