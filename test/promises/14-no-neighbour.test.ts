/** Each limit by itself: test/http/limits.test.ts, test/http/peers.test.ts; each guard: test/http/guards.test.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rawPeer } from "../support/raw-peer.ts";
import { get } from "../support/served.ts";
import { accessKeyIdIn, loadHour, readOnce, withWholeSidecar } from "../support/whole-sidecar.ts";

const TOKEN = { Authorization: "fake-auth-token" };
const HEAD = "GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\n";

/** More than the 512 that the sidecar keeps for all peers inside the pod. Most never read an answer. */
const CONNECTIONS = 600;

/** What a hostile or broken process in the pod sends and then leaves open. */
const neighbours: readonly string[] = [
  "",
  "GET /v1/cred",
  `${HEAD}Authorization: fake-auth-tokeN\r\n\r\n`.repeat(20),
  `${HEAD}Authorization: fake-auth-token\r\n\r\n`.repeat(20),
  "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n",
  "\0\x01".repeat(500),
];

test("No neighbour, inside the pod or outside, can take it down, starve it, or read from it without the token.", () =>
  withWholeSidecar(["--auth-token=fake-auth-token"], async (sidecar) => {
    const { served } = sidecar;
    const credentials = await loadHour(sidecar);
    const opened = Array.from({ length: CONNECTIONS }, (_, count) =>
      rawPeer(count % 4 === 0 ? served.adminUrl : served.url, neighbours[count % neighbours.length]),
    );
    using peers = new DisposableStack();
    for (const peer of await Promise.all(opened)) peers.use(peer);
    assert.equal(accessKeyIdIn(await readOnce(served, TOKEN)), credentials.accessKeyId);
    for (const path of ["/livez", "/readyz", "/metrics"]) {
      assert.equal((await get(`${served.adminUrl}${path}`, { agent: false })).status, 200, path);
    }
    const { status, text } = await readOnce(served);
    assert.equal(status, 401);
    assert.ok(!text.includes(credentials.accessKeyId));
  }));
