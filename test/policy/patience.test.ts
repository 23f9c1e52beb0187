import assert from "node:assert/strict";
import { test } from "node:test";
import type { Protocol } from "../../src/policy/clients.ts";
import { patienceMs } from "../../src/policy/patience.ts";

/** How long the clients wait for a response, in ms (their sources and trials); undefined when they wait for ever. */
const timeouts: readonly (readonly [protocol: Protocol, client: string, timeoutMs: number | undefined])[] = [
  ["container", "java-v1", 5_000],
  ["container", "java-v2", 1_000],
  ["container", "python-urllib3", 2_000],
  ["container", "botocore-1", 2_000],
  ["container", "go-v1", undefined],
  ["container", "go-v2", undefined],
  ["container", "js-v2", 1_000],
  ["container", "no-agent-no-accept", 1_000],
  ["container", "rust", 5_000],
  ["container", "crt", undefined],
  ["container", "cpp", 1_000],
  ["container", "dotnet-v4", 100_000],
  ["container", "guzzle", 1_000],
  ["container", "ruby-net-http", 5_000],
  ["container", "okhttp", 10_000],
  ["container", "async-aws", 1_000],
  ["imds", "java-v1", 1_000],
  ["imds", "botocore", 1_000],
  ["imds", "go-v1", 1_000],
  ["imds", "go-v2", 500],
  ["imds", "no-agent", 1_000],
  ["imds", "rust", 1_000],
  ["imds", "crt", undefined],
  ["imds", "dotnet-v4", 5_000],
  ["imds", "php", 1_000],
  ["imds", "gdal", 1_000],
];

for (const [protocol, client, timeoutMs = Number.POSITIVE_INFINITY] of timeouts) {
  test(`a read of ${client} over ${protocol} waits most of its time-out, and ends 100 ms before it`, () => {
    const wait = patienceMs(protocol, client);
    assert.ok(wait <= timeoutMs - 100, `${wait} ms`);
    assert.ok(wait >= Math.min(timeoutMs, 5_000) * 0.8, `${wait} ms`);
  });
}

test("no read waits as long as the server lets a connection be silent", () => {
  for (const [protocol, client] of timeouts) assert.ok(patienceMs(protocol, client) < 5_000);
});
