/** What one peer may take of the sidecar: requests, answers, waiting bytes and connections. Over real sockets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import type { DropReason } from "../../src/drops.ts";
import { answer } from "../../src/http/documents.ts";
import { Rooms } from "../../src/http/room.ts";
import { type Handler, Listener } from "../../src/http/server.ts";
import { HOUR } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { type RawPeer, rawPeer } from "../support/raw-peer.ts";
import { get } from "../support/served.ts";
import { serveCold } from "../support/served-cold.ts";
import { answersIn, sendBytes, serveCredentials } from "../support/served-credentials.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const READ = "GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const CLOSING = READ.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");

/** Only a failure takes so long. */
const PATIENCE = { timeout: 60_000 };

interface Heard {
  readonly url: string;
  readonly drops: readonly DropReason[];
  /** Resolves at the first drop. */
  readonly dropped: Promise<void>;
}

/** A listener with a handler of the test's own. */
async function listen(t: TestContext, handler: Handler): Promise<Heard> {
  const drops: DropReason[] = [];
  const first = Promise.withResolvers<void>();
  const onDropped = (reason: DropReason) => {
    drops.push(reason);
    first.resolve();
  };
  const addresses = [{ host: "127.0.0.1", port: 0 }];
  const listener = new Listener({
    addresses,
    handler,
    now: Date.now,
    rooms: new Rooms(),
    onMalformed: () => {},
    onDropped,
  });
  const [address] = await listener.open();
  t.after(async () => {
    await listener.close((delayMs, fire) => {
      const timer = setTimeout(fire, delayMs);
      return () => clearTimeout(timer);
    });
  });
  return { url: `http://127.0.0.1:${address?.port}`, drops, dropped: first.promise };
}

test("looks at the next request of a pipeline when the one before is answered, and at each in order", async (t) => {
  const replies: (() => void)[] = [];
  const { url } = await listen(t, ({ url: target = "" }, reply) => {
    replies.push(() => reply(answer(200, "text/plain", target)));
  });
  const one = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const heard = sendBytes(url, Buffer.from(`${one("/1")}${one("/2")}${CLOSING}`));
  const seen: number[] = [];
  while (seen.length < 3) {
    // Another connection's request: bytes that arrived before it have been read by then.
    const other = get(`${url}/other`);
    await untilTrue(() => replies.length >= 2);
    seen.push(replies.length);
    for (const reply of replies.splice(0)) reply();
    await other;
  }
  assert.deepEqual(seen, [2, 2, 2], "one request of the pipeline, and the other connection's");
  assert.deepEqual(
    answersIn(await heard).map(({ body }) => body),
    ["/1", "/2", "/v1/credentials"],
  );
});

async function untilTrue(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

test("answers the longest pipeline that fits, cold and warm", async (t) => {
  const { served, upstream, clock, waiting } = await serveCold(t);
  const heard = sendBytes(served.url, Buffer.from(`${READ.repeat(1_300)}${CLOSING}`));
  await waiting;
  upstream.answer(fakeCredentials(EPOCH + HOUR));
  await clock.advance(0);
  const statuses = answersIn(await heard).map(({ status }) => status);
  assert.ok(statuses.length > 100, "until the connection has had its share");
  assert.deepEqual([...new Set(statuses)], [200]);
});

test("drops a connection whose requests wait in too many bytes, and answers others", async (t) => {
  const { url, drops, dropped } = await listen(t, ({ url: target }, reply) => {
    if (target === "/now") reply(answer(200, "text/plain", "now"));
  });
  using peer = await rawPeer(url, READ.repeat(30_000));
  await dropped;
  await peer.ended;
  assert.deepEqual(drops, ["pipelined"]);
  assert.equal((await get(`${url}/now`)).text, "now");
});

test("keeps 512 connections from this pod, and then ends the longest idle for a new one, over both ports", async (t) => {
  const drops: string[] = [];
  const onDropped = (listener: string, reason: DropReason) => drops.push(`${listener} ${reason}`);
  const { url, adminUrl } = await serveCredentials(t, { observers: [{ onDropped }] });
  const peers: RawPeer[] = [];
  t.after(() => {
    for (const { socket } of peers) socket.destroy();
  });
  for (let count = 0; count < 512; count += 1) {
    const peer = await rawPeer(count % 2 === 0 ? url : adminUrl, READ);
    peers.push(peer);
    await once(peer.socket, "data");
  }
  assert.deepEqual(drops, []);
  peers[0]?.socket.write(READ);
  await once(peers[0]?.socket ?? assert.fail(), "data");
  assert.equal((await get(`${url}/v1/credentials`)).status, 200);
  await peers[1]?.ended;
  assert.deepEqual(drops, ["admin evicted"]);
  assert.ok(peers.every(({ socket }, index) => index === 1 || !socket.closed));
  const { text } = await get(`${adminUrl}/metrics`);
  assert.match(text, /_connections_dropped_total\{listener="admin",reason="evicted"\} 1/);
});

test("refuses a new connection only while all wait for their first credentials", async (t) => {
  const drops: string[] = [];
  const onDropped = (listener: string, reason: DropReason) => drops.push(`${listener} ${reason}`);
  let waiting = 0;
  const onCoalesced = () => {
    waiting += 1;
  };
  const { served, upstream, clock } = await serveCold(t, [], [{ onDropped, onCoalesced }]);
  const reads = Array.from({ length: 512 }, () => get(`${served.url}/v1/credentials`, { agent: false }));
  await untilTrue(() => waiting >= 512);
  await assert.rejects(get(`${served.url}/v1/credentials`, { agent: false }));
  assert.deepEqual(drops, ["credentials full"]);
  upstream.answer(fakeCredentials(EPOCH + HOUR));
  await clock.advance(0);
  const statuses = (await Promise.all(reads)).map(({ status }) => status);
  assert.deepEqual([...new Set(statuses)], [200], "those that came first are answered");
});

test("ends a connection gracefully when it has had 256 KiB of answers", async (t) => {
  const body = "x".repeat(100_000);
  const { url, drops } = await listen(t, (_, reply) => reply(answer(200, "text/plain", body)));
  const answers = answersIn(await sendBytes(url, Buffer.from(READ.repeat(9))));
  assert.deepEqual(
    answers.map(({ head }) => /^connection: close\r$/im.test(head)),
    [false, false, true],
  );
  assert.ok(answers.every((one) => one.body === body));
  assert.deepEqual(drops, []);
});

test("gives up a peer that reads nothing for five seconds", PATIENCE, async (t) => {
  // More than the kernel takes for a peer on loopback.
  const body = "x".repeat(16_777_216);
  const { url, drops, dropped } = await listen(t, (_, reply) => reply(answer(200, "text/plain", body)));
  using peer = await rawPeer(url, READ);
  peer.socket.pause();
  await dropped;
  assert.deepEqual(drops, ["unread"]);
});
