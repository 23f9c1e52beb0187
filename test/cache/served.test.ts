/** Flights of a whole sidecar, whose clients come and go over sockets. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { HOUR } from "../../src/time.ts";
import { EPOCH, settle } from "../support/fake-clock.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import { get, type Served, serveForTest } from "../support/served.ts";
import { fakeCredentials, GatedUpstream, upstreamOf } from "../support/upstreams.ts";

/** Counts the reads that joined a flight, and resolves when so many have. */
function countJoined(wanted: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let joined = 0;
  const onCoalesced = () => {
    joined += 1;
    if (joined === wanted) resolve();
  };
  return { observer: { onCoalesced }, joined: promise };
}

/** A client whose patience ends when `leave` is called. */
function impatientClient({ url }: Served) {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const sent = request(`${url}/v1/credentials`, { agent: false });
  sent.on("error", () => {});
  sent.on("close", resolve);
  sent.end();
  return { leave: () => sent.destroy(), gone };
}

test("clients that give up do not abort the flight", async (t) => {
  const edge = fakeEdge();
  const upstream = new GatedUpstream();
  const { observer, joined } = countJoined(20);
  const served = await serveForTest({ edge, upstreams: { default: upstream }, observers: [observer] });
  t.after(() => served.close());
  const clients = Array.from({ length: 20 }, () => impatientClient(served));
  await joined;
  for (const { leave } of clients) leave();
  await Promise.all(clients.map(({ gone }) => gone));
  const credentials = fakeCredentials(EPOCH + HOUR);
  upstream.answer(credentials);
  await settle();
  const { status, text } = await get(`${served.url}/v1/credentials`, { agent: false });
  assert.equal(status, 200);
  assert.equal(JSON.parse(text).AccessKeyId, credentials.accessKeyId);
  assert.equal(upstream.calls, 1);
});

test("two identities have independent flights", async (t) => {
  const edge = fakeEdge();
  const hanging = new GatedUpstream();
  const reports = fakeCredentials(EPOCH + HOUR);
  const upstreams = { default: hanging, reports: upstreamOf(() => reports) };
  const { observer, joined } = countJoined(1);
  const served = await serveForTest({ edge, upstreams, observers: [observer] });
  t.after(() => served.close());
  await settle();
  const waiting = get(`${served.url}/v1/credentials`, { agent: false });
  await joined;
  const other = await get(`${served.url}/v1/credentials/reports`, { agent: false });
  assert.equal(JSON.parse(other.text).AccessKeyId, reports.accessKeyId);
  const own = fakeCredentials(EPOCH + HOUR);
  hanging.answer(own);
  assert.equal(JSON.parse((await waiting).text).AccessKeyId, own.accessKeyId);
  assert.deepEqual([hanging.calls, upstreams.reports.calls], [1, 1]);
});
