/** Requests that come again on their connection, byte for byte: answered without parsing, and otherwise like any other. */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Asked, repeatable } from "../../src/http/repeats.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { rawPeer } from "../support/raw-peer.ts";
import { get } from "../support/served.ts";
import {
  answersIn,
  type Given,
  type RawAnswer,
  type ServedCredentials,
  serveCredentials,
} from "../support/served-credentials.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const READ = "GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: curl/8\r\n\r\n";

/** The first two are parsed; the third is a repeat. */
const PARSED = 2;

interface Talk {
  readonly served: ServedCredentials;
  /** Sends the bytes at once, and resolves with the answer to them. */
  readonly ask: (bytes: string) => Promise<RawAnswer>;
  readonly ended: Promise<void>;
}

async function talk(t: TestContext, given: Given = {}): Promise<Talk> {
  const served = await serveCredentials(t, given);
  const { socket, ended } = await rawPeer(served.url);
  t.after(() => socket.destroy());
  return { served, ended, ask: (bytes) => answerTo(socket, bytes) };
}

function answerTo(socket: Socket, bytes: string): Promise<RawAnswer> {
  const { promise, resolve } = Promise.withResolvers<RawAnswer>();
  let heard = "";
  const onData = (chunk: Buffer) => {
    heard += chunk.toString("latin1");
    const [answer] = answersIn(heard);
    if (answer === undefined) return;
    socket.off("data", onData);
    resolve(answer);
  };
  socket.on("data", onData);
  socket.write(bytes);
  return promise;
}

async function repeated({ ask }: Talk, request = READ): Promise<RawAnswer> {
  for (let count = 0; count < PARSED; count += 1) assert.equal((await ask(request)).status, 200);
  return await ask(request);
}

const undated = ({ head }: RawAnswer) => head.replace(/^Date: .*\r\n/m, "");

test("answers a repeated request as Node's own server writes it, date and all", async (t) => {
  const talking = await talk(t);
  const first = await talking.ask(READ);
  const again = await repeated(talking);
  assert.equal(undated(again), undated(first));
  assert.equal(again.body, first.body);
  assert.match(again.head, /^Date: Thu, 01 Jan 2026 00:00:00 GMT\r$/m, "by the clock of the sidecar");
  assert.match(again.head, /^Keep-Alive: timeout=65\r$/m);
});

test("counts a repeated read like any other", async (t) => {
  const talking = await talk(t);
  for (let count = 0; count < 5; count += 1) await talking.ask(READ);
  const { text } = await get(`${talking.served.adminUrl}/metrics`);
  assert.match(text, /^credential_sidecar_reads_total\{client="curl",protocol="container",result="served"\} 5$/m);
});

test("answers a repeated request with 503 once the credentials have expired", async (t) => {
  const talking = await talk(t);
  await repeated(talking);
  talking.served.edge.clock.jump(HOUR);
  let status = 0;
  const answering = talking.ask(READ).then((answer) => {
    status = answer.status;
  });
  // The read waits for a refresh that brings nothing better, by this clock.
  while (status === 0) await talking.served.edge.clock.advance(SECOND);
  await answering;
  assert.equal(status, 503);
});

test("refuses a repeated request whose token is honoured no more", async (t) => {
  const path = join(temporaryDirectory(t), "token");
  writeFileSync(path, "fake-token");
  const talking = await talk(t, { flags: [`--auth-token-file=${path}`] });
  const request = READ.replace("\r\n\r\n", "\r\nAuthorization: fake-token\r\n\r\n");
  await repeated(talking, request);
  rmSync(path);
  let { status } = await talking.ask(request);
  // The file is looked at by a real file system, at times of this clock.
  for (let minutes = 0; status === 200 && minutes < 100; minutes += 1) {
    await talking.served.edge.clock.advance(MINUTE);
    ({ status } = await talking.ask(request));
  }
  assert.equal(status, 401);
});

test("takes the body of a request for its body, even if it is a request that was repeated", async (t) => {
  const talking = await talk(t);
  await repeated(talking);
  const post = `POST /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${READ.length}\r\n\r\n`;
  assert.equal((await talking.ask(post)).status, 400);
  const unknown = READ.replace("credentials", "nothing");
  assert.equal(
    (await talking.ask(READ + unknown)).status,
    404,
    "the first answer is that to the request behind the body",
  );
});

test("ends a connection behind a repeated request after 256 KiB, and says so", async (t) => {
  const talking = await talk(t, { credentials: { default: fakeCredentials(EPOCH + HOUR) } });
  let answer = await repeated(talking);
  let written = 0;
  while (!/^Connection: close\r$/m.test(answer.head)) {
    answer = await talking.ask(READ);
    written += answer.head.length + answer.body.length;
    assert.ok(written < 400_000);
  }
  await talking.ended;
  assert.doesNotMatch(answer.head, /keep-alive/i);
});

const asked = (change: Partial<Asked & { httpVersion: string }> = {}) =>
  ({ method: "GET", url: "/", rawHeaders: ["Host", "127.0.0.1"], httpVersion: "1.1", ...change }) as never;

for (const [what, request, bytes] of [
  ["another method", asked({ method: "HEAD" }), 10],
  ["HTTP/1.0", asked({ httpVersion: "1.0" }), 10],
  ["a Connection header", asked({ rawHeaders: ["CONNECTION", "close"] }), 10],
  ["a length", asked({ rawHeaders: ["content-length", "0"] }), 10],
  ["an expectation", asked({ rawHeaders: ["Expect", "100-continue"] }), 10],
  ["more than 2 KiB", asked(), 2_049],
] as const) {
  test(`does not remember a request with ${what}`, () => {
    assert.equal(repeatable(request, Buffer.alloc(bytes)), undefined);
  });
}

test("keeps none of the bytes that were read with a remembered request", () => {
  const read = Buffer.alloc(65_536);
  assert.equal(repeatable(asked(), read.subarray(0, 100))?.bytes.buffer.byteLength, 100);
});
