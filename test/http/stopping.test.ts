/** What becomes of connections when the sidecar stops. The clock is the test's: what ends, ends for no other reason. */
import assert from "node:assert/strict";
import { Agent } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { HOUR, SECOND } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { get } from "../support/served.ts";
import { serveCold } from "../support/served-cold.ts";
import { sendBytes, serveCredentials } from "../support/served-credentials.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const reads = [
  { keepAlive: false, limitMs: 0, what: "at once" },
  { keepAlive: true, limitMs: 2 * SECOND, what: "within two seconds, when the reader would keep the connection" },
];

for (const { keepAlive, limitMs, what } of reads) {
  test(`gives a read in flight what comes while it stops, and ends ${what}`, async (t) => {
    const { served, upstream, clock, waiting } = await serveCold(t);
    const agent = new Agent({ keepAlive });
    t.after(() => agent.destroy());
    const read = get(`${served.url}/v1/credentials`, { agent });
    await waiting;
    const closed = served.close();
    await assert.rejects(get(`${served.url}/v1/credentials`, { agent: false }), { code: "ECONNREFUSED" });
    upstream.answer(fakeCredentials(EPOCH + HOUR));
    assert.equal((await read).status, 200);
    await clock.advance(limitMs);
    await closed;
    assert.equal(clock.armed, 0, "nothing goes on behind it");
  });
}

test("ends idle connections when it stops, and stops once however often it is told", async (t) => {
  const served = await serveCredentials(t);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await get(`${served.url}/v1/credentials`, { agent });
  await get(`${served.adminUrl}/livez`, { agent });
  await Promise.all([served.close(), served.close()]);
  await served.close();
  assert.equal(served.edge.clock.armed, 0);
});

test("gives up a peer that has sent half a request when it has waited two seconds", async (t) => {
  const served = await serveCredentials(t);
  const { hostname, port } = new URL(served.url);
  const peer = connect({ host: hostname, port: Number(port) });
  const ended = new Promise<void>((resolve) => peer.on("close", () => resolve()));
  peer.on("error", () => peer.destroy());
  await new Promise<void>((resolve) => peer.write("GET /v1/credentials HTTP/1.1\r\nHost: 127", () => resolve()));
  await sendBytes(served.url, Buffer.from("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
  const closed = served.close();
  await served.edge.clock.advance(2 * SECOND);
  await closed;
  await ended;
});
