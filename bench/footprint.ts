/** What one more process costs: private memory when idle, and the time until it is ready. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Document, read } from "./document.ts";
import { type Figure, median, type Target } from "./figures.ts";
import { bare, type StartOptions, sidecar, start } from "./servers.ts";

const IDLE_ROUNDS = 3;
const IDLE_MS = 5_000;
const START_ROUNDS = 21;

/** How long the demo upstream takes to answer. */
const DEMO_ANSWER_MS = 80;

/** The promises are about the bundle; a checkout pays for the stripping of types as well. */
const bundle: StartOptions = { args: sidecar("bundle") };
const source: StartOptions = { args: sidecar("source") };

/** Static keys that AWS does not know: enough to make the sidecar load the AWS SDK, as every real upstream does. */
const bundleWithSdk: StartOptions = {
  args: sidecar("bundle", "environment"),
  env: { AWS_ACCESS_KEY_ID: "AKIAFAKE000000000000", AWS_SECRET_ACCESS_KEY: "fake-secret" },
};

const NONE: Target = { kind: "none" };

/** What was found, and the same for a bare server that is leaner than anybody writes it. */
export interface Footprint {
  readonly figures: readonly Figure[];
  readonly lean: number;
}

export async function measureIdleMemory(document: Document): Promise<Footprint> {
  const servers = [
    { args: bare(document) },
    { args: bare({ ...document, lean: true }) },
    bundle,
    bundleWithSdk,
    source,
  ];
  const found = await measured(IDLE_ROUNDS, servers, (all) => Promise.all(all.map(idleMb)));
  const [own = [], lean = [], ...ours] = found;
  const figure = (name: string, values: readonly number[] = [], target: Target): Figure => {
    return { name: `idle memory, ${name}`, unit: "MB", bare: own, sidecar: values, target };
  };
  return {
    figures: [
      figure("bundle", ours[0], { kind: "above-by-at-most", limit: 8 }),
      figure("bundle with the AWS SDK", ours[1], NONE),
      figure("source", ours[2], NONE),
    ],
    lean: median(lean),
  };
}

/** After what a pod's sidecar is asked at least: credentials, and metrics. */
async function idleMb(options: StartOptions): Promise<number> {
  const server = await start(options);
  for (const url of [server.url, ...(server.admin === undefined ? [] : [`${server.admin}/metrics`])]) {
    const { status } = await read(url);
    if (status !== 200) throw new Error(`${url} answered ${status}`);
  }
  await sleep(IDLE_MS);
  const mb = server.privateMb();
  await server.stop();
  return mb;
}

export async function measureStart(document: Document): Promise<Footprint> {
  const servers = [{ args: bare(document) }, { args: bare({ ...document, lean: true }) }, bundle, source];
  const found = await measured(START_ROUNDS, servers, async (all) => {
    const took: number[] = [];
    for (const one of all) took.push(await startMs(one));
    return took;
  });
  const [own = [], lean = [], ...ours] = found;
  const figure = (name: string, values: readonly number[] = [], target: Target): Figure => {
    return { name: `start to ready, ${name}`, unit: "ms", bare: own, sidecar: values, target };
  };
  return {
    figures: [
      figure("bundle", ours[0], { kind: "times-and", ratio: 1.6, plus: DEMO_ANSWER_MS }),
      figure("source", ours[1], NONE),
    ],
    lean: median(lean),
  };
}

/** The bare server is ready when it answers; the sidecar when it says so. */
async function startMs(options: StartOptions): Promise<number> {
  const server = await start(options);
  if (server.admin === undefined) await read(server.url);
  const ms = server.msSinceStart();
  await server.stop();
  return ms;
}

/** Calls `round` a number of times; the result has the values of each server together. */
async function measured(
  rounds: number,
  servers: readonly StartOptions[],
  round: (servers: readonly StartOptions[]) => Promise<readonly number[]>,
): Promise<readonly (readonly number[])[]> {
  const values: number[][] = servers.map(() => []);
  for (let done = 0; done < rounds; done += 1) {
    for (const [index, value] of (await round(servers)).entries()) values[index]?.push(value);
  }
  return values;
}
