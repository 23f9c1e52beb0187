/** Peers that are slow, leave early, or never let go. The time-outs are Node's own and real; tests wait for the end. */
import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { HOUR } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { get } from "../support/served.ts";
import { serveCold } from "../support/served-cold.ts";
import { answersIn, assertServesStill, sendBytes, serveCredentials } from "../support/served-credentials.ts";
import { fakeCredentials } from "../support/upstreams.ts";

/** Only a failure takes so long. */
const PATIENCE = { timeout: 60_000 };

const READ = "GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

const unfinished: readonly (readonly [what: string, text: string, statuses: readonly number[]])[] = [
  ["nothing", "", [408]],
  ["half a request line", "GET /v1/cred", [408]],
  ["half of the headers", "GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nAcc", [408]],
  ["half of a body", "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhe", [400, 408]],
  ["half of a chunk", "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", [400, 408]],
  ["half a request behind a good one", `${READ}GET /v1/cred`, [200, 408]],
];

test("ends the connection of a peer that never finishes its request, with 408", PATIENCE, async (t) => {
  const served = await serveCredentials(t);
  await Promise.all(
    unfinished.map(async ([what, text, statuses]) => {
      const answers = answersIn(await sendBytes(served.url, Buffer.from(text)));
      assert.deepEqual(
        answers.map(({ status }) => status),
        statuses,
        what,
      );
    }),
  );
  await assertServesStill(served);
});

test("lets go of a refused peer that keeps its half of the connection open", PATIENCE, async (t) => {
  const served = await serveCredentials(t);
  const accepted = Promise.withResolvers<Socket>();
  const hear = (message: unknown) => accepted.resolve((message as { readonly socket: Socket }).socket);
  subscribe("net.server.socket", hear);
  t.after(() => unsubscribe("net.server.socket", hear));
  const { hostname, port } = new URL(served.url);
  const peer = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  t.after(() => peer.destroy());
  peer.resume();
  peer.write("no request\r\n\r\n");
  const socket = await accepted.promise;
  await once(socket, "close");
  assert.ok(peer.writable, "the peer has not ended its half");
  await assertServesStill(served);
});

/** What a peer does while its read waits for upstream, and what it gets. */
const impatient: readonly (readonly [what: string, bytes: string, end: boolean, statuses: readonly number[]])[] = [
  ["ends its half", READ, true, [200]],
  ["goes on with bytes that are no request", `${READ}\x16\x03\x01`, false, [200, 400]],
  ["goes on with RTSP", `${READ}GET / RTSP/1.0\r\n\r\n`, false, [200, 505]],
  ["goes on with too many headers", `${READ}GET / HTTP/1.1\r\n${"A: b\r\n".repeat(102)}`, false, [200, 431]],
  ["goes on with another host's request", `${READ}${READ.replace("127.0.0.1", "evil.example")}`, true, [200, 403]],
  ["goes on with half a request, and ends its half", `${READ}GET /v1/cred`, true, [200, 400]],
];

for (const [what, bytes, end, statuses] of impatient) {
  test(`answers a waiting read first when its client ${what}`, async (t) => {
    const { served, upstream, clock, waiting } = await serveCold(t);
    const heard = sendBytes(served.url, Buffer.from(bytes), { end });
    await waiting;
    upstream.answer(fakeCredentials(EPOCH + HOUR));
    await clock.advance(0);
    assert.deepEqual(
      answersIn(await heard).map(({ status }) => status),
      statuses,
    );
    assert.equal((await get(`${served.url}/v1/credentials`)).status, 200);
    assert.equal(upstream.calls, 1, "the flight went on without its reader");
  });
}

test("survives a waiting reader that breaks the connection", async (t) => {
  const { served, upstream, clock, waiting } = await serveCold(t);
  const { hostname, port } = new URL(served.url);
  const peer = connect({ host: hostname, port: Number(port) });
  peer.write(READ);
  await waiting;
  peer.resetAndDestroy();
  upstream.answer(fakeCredentials(EPOCH + HOUR));
  await clock.advance(0);
  assert.equal((await get(`${served.url}/v1/credentials`)).status, 200);
  assert.equal(upstream.calls, 1, "the flight went on without its reader");
});

test("answers a pipeline of waiting reads in order", async (t) => {
  const { served, upstream, clock, waiting } = await serveCold(t);
  const other = READ.replace("credentials", "for/botocore-1/credentials").replace(
    "\r\n\r\n",
    "\r\nConnection: close\r\n\r\n",
  );
  const heard = sendBytes(served.url, Buffer.from(`${READ}GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n${other}`));
  await waiting;
  upstream.answer(fakeCredentials(EPOCH + 15 * 60_000));
  await clock.advance(0);
  const answers = answersIn(await heard).map(({ status, body }) => [status, JSON.parse(body).Expiration]);
  assert.deepEqual(answers, [
    [200, "2026-01-01T00:14:00Z"],
    [404, undefined],
    [200, "2026-01-01T00:24:00Z"],
  ]);
});
