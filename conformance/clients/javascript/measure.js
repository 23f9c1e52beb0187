/** What the programs share: sends REQUESTS requests through one client and prints how that went. */
import { setTimeout } from "node:timers/promises";

const started = performance.now();
const requests = Number(process.env.REQUESTS);
const concurrency = Number(process.env.CONCURRENCY ?? 1);
const paceMs = Number(process.env.PACE_MS ?? 0);

const times = [];
const errors = [];
const successes = [];
let begun = 0;

/** Prints when nothing is left to do, so that a request whose promise is forgotten is counted too. */
export function run(client, version, request) {
  process.once("exit", () => report(client, version));
  for (let task = 0; task < concurrency; task += 1) void work(request);
}

async function work(request) {
  while (begun < requests) {
    begun += 1;
    const began = performance.now();
    try {
      await request();
      successes.push(msSince(started));
    } catch (error) {
      errors.push({ text: String(error).slice(0, 300), at: msSince(started) });
    }
    times.push(msSince(began));
    if (paceMs > 0) await setTimeout(paceMs);
  }
}

function report(client, version) {
  const at = msSince(started);
  for (let lost = begun - times.length; lost > 0; lost -= 1) {
    errors.push({ text: "never settled", at });
    times.push(at);
  }
  times.sort((a, b) => a - b);
  const line = {
    client,
    version,
    requests: begun,
    failed: errors.length,
    p50Ms: percentile(50),
    p99Ms: percentile(99),
    firstError: errors[0]?.text ?? null,
    firstErrorAtMs: errors[0]?.at ?? null,
    lastErrorAtMs: errors.at(-1)?.at ?? null,
    firstSuccessAtMs: successes[0] ?? null,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function percentile(percent) {
  return times[Math.floor(((times.length - 1) * percent) / 100)];
}

function msSince(moment) {
  return Math.round((performance.now() - moment) * 1000) / 1000;
}
