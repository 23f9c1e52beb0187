/** The load, forked: for each {@link Load} that it is sent, it reads a URL as fast as it is answered, and sends the result. */
import { connect } from "node:net";
import { createHistogram, performance } from "node:perf_hooks";
import autocannon from "autocannon";

export interface Load {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  readonly keepAlive: boolean;
}

export interface LoadResult {
  readonly answered: number;
  /** Answers other than 200, and connections that broke. */
  readonly failed: number;
  readonly seconds: number;
  readonly p99Ms: number;
}

/** autocannon's own histogram counts whole milliseconds; an answer takes a fraction of one. */
function counter() {
  const microseconds = createHistogram();
  let failed = 0;
  return {
    onAnswer(status: number, tookMs: number): void {
      if (status === 200) microseconds.record(Math.max(1, Math.round(tookMs * 1_000)));
      else failed += 1;
    },
    onError: () => {
      failed += 1;
    },
    result: (seconds: number): LoadResult => ({
      answered: microseconds.count,
      failed,
      seconds,
      p99Ms: microseconds.percentile(99) / 1_000,
    }),
  };
}

type Counter = ReturnType<typeof counter>;

async function overKeptConnections({ url, connections, seconds }: Load, count: Counter): Promise<void> {
  const run = autocannon({ url, connections, duration: seconds });
  run.on("response", (_client, status, _bytes, tookMs) => count.onAnswer(status, tookMs));
  const { errors } = await run;
  for (let error = 0; error < errors; error += 1) count.onError();
}

/** Not autocannon: it counts no answer on a connection that it resets, and writes a second request on one that closes. */
async function overNewConnections({ url, connections, seconds }: Load, count: Counter): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  const one = async () => {
    while (performance.now() < end) {
      const startedAt = performance.now();
      await statusOf(new URL(url)).then(
        (status) => count.onAnswer(status, performance.now() - startedAt),
        count.onError,
      );
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
}

/** By hand: a client of `node:http` takes more CPU for a connection than its server, and would be what is measured. */
function statusOf({ hostname, port, host, pathname }: URL): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let status = 0;
  const socket = connect(Number(port), hostname)
    .on("data", (chunk: Buffer) => {
      status ||= Number(chunk.toString("latin1", "HTTP/1.1 ".length, "HTTP/1.1 200".length));
    })
    .on("error", reject)
    .on("close", () => resolve(status));
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return promise;
}

process.on("message", async (load: Load) => {
  const count = counter();
  const startedAt = performance.now();
  await (load.keepAlive ? overKeptConnections : overNewConnections)(load, count);
  process.send?.(count.result((performance.now() - startedAt) / 1_000));
});
