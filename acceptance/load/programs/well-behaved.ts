/**
 * A pod's own requests while somebody attacks it: reads of credentials, on a kept connection and on new ones, the
 * kubelet's probes and Prometheus' scrapes. Prints what they came to. Arguments: for how long, in ms, and the status that
 * a read gets.
 */
import { Agent, get } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { addresses } from "./addresses.ts";

/** The kubelet's default, and what the least patient SDKs allow a container endpoint. */
const TIME_OUT_MS = 1_000;

const [forMs, readStatus] = process.argv.slice(2).map(Number);

/** A read while there are no credentials is answered after 800 ms; boto3 allows 2 s. */
const READ_TIME_OUT_MS = readStatus === 200 ? TIME_OUT_MS : 2_000;
const until = performance.now() + Number(forMs);

interface Asked {
  readonly tookMs: number[];
  readonly faults: string[];
}

interface Kind {
  readonly everyMs: number;
  readonly path: string;
  readonly status: number;
  readonly fromOutside: boolean;
  readonly agent: Agent | false;
}

const kinds: Readonly<Record<string, Kind>> = {
  read: { everyMs: 20, path: "/v1/credentials", status: Number(readStatus), fromOutside: false, agent: false },
  keptRead: {
    everyMs: 20,
    path: "/v1/credentials",
    status: Number(readStatus),
    fromOutside: false,
    agent: new Agent({ keepAlive: true, maxSockets: 1 }),
  },
  probe: { everyMs: 50, path: "/livez", status: 200, fromOutside: true, agent: false },
  scrape: { everyMs: 500, path: "/metrics", status: 200, fromOutside: true, agent: false },
};

/** The status, and whether the request was the first on its connection. */
function ask({ path, fromOutside, agent }: Kind): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const target = fromOutside ? addresses.pod : addresses.credentials;
  const from = fromOutside ? { localAddress: addresses.outside } : {};
  const sent = get(
    { ...target, ...from, path, agent, timeout: fromOutside ? TIME_OUT_MS : READ_TIME_OUT_MS },
    (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", reject);
    },
  );
  sent.on("timeout", () => sent.destroy(new Error("timed out")));
  sent.on("error", (error) => {
    // As every SDK does: a kept connection that the server has ended meanwhile is no fault.
    if (sent.reusedSocket && (error as NodeJS.ErrnoException).code === "ECONNRESET") {
      ask({ path, fromOutside, agent: false } as Kind).then(resolve, reject);
    } else {
      reject(error);
    }
  });
  return promise;
}

async function repeat(kind: Kind): Promise<Asked> {
  const asked: Asked = { tookMs: [], faults: [] };
  while (performance.now() < until) {
    const startedAt = performance.now();
    try {
      const status = await ask(kind);
      asked.tookMs.push(performance.now() - startedAt);
      if (status !== kind.status) asked.faults.push(`${kind.path}: ${status}`);
    } catch (error) {
      asked.faults.push(`${kind.path}: ${error instanceof Error ? error.message : error}`);
    }
    await wait(kind.everyMs);
  }
  return asked;
}

const results = await Promise.all(
  Object.entries(kinds).map(async ([name, kind]) => [name, await repeat(kind)] as const),
);
console.log(JSON.stringify(Object.fromEntries(results)));
process.exit(0);
