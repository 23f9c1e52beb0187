/** Five hundred readers at once while nothing is cached yet, on an upstream that counts its calls and lets them pile up. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { sidecar } from "./contestants.ts";
import { read } from "./document.ts";
import type { Layout } from "./image.ts";
import type { Running } from "./servers.ts";

/** Of one pod no more than 512 connections are kept. */
const READS = 500;

/** A cold read waits 800 ms at most, so upstream answers before that even when some readers are still on their way. */
const GATE_MS = 600;

export interface ColdReads {
  readonly reads: number;
  readonly upstreamCalls: number;
  /** By the sidecar's own count. */
  readonly waited: number;
  readonly served: number;
}

export async function measureColdReads(layout: Layout): Promise<ColdReads> {
  const gate = Promise.withResolvers<void>();
  const upstream = await gatedUpstream(gate.promise);
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: upstream.url };
  const server = await sidecar(layout, ["--upstream=container"], env, "Started").start();
  const answers = Array.from({ length: READS }, () => read(server.url));
  const waited = await waiting(server);
  gate.resolve();
  const served = (await Promise.all(answers)).filter(({ status }) => status === 200).length;
  await server.stop();
  upstream.close();
  return { reads: READS, upstreamCalls: upstream.calls(), waited, served };
}

/** How many readers wait when all do, or when the gate must open. */
async function waiting(server: Running): Promise<number> {
  const openAt = performance.now() + GATE_MS;
  for (;;) {
    const { body } = await read(`${server.admin}/metrics`);
    const [, count] = /^credential_sidecar_flights_coalesced_total\{.*\} (\d+)$/m.exec(body) ?? [];
    if (Number(count) >= READS || performance.now() > openAt) return Number(count);
    await sleep(10);
  }
}

async function gatedUpstream(opened: Promise<void>) {
  let calls = 0;
  const server = createServer(async (_request, response) => {
    calls += 1;
    await opened;
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    response.end(
      JSON.stringify({ AccessKeyId: "ASIAFAKE000000000000", SecretAccessKey: "fake", Token: "fake", Expiration }),
    );
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    calls: () => calls,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
