/** The sidecar as it ships, as a process, and what its metrics say. */
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { type Started, start } from "../processes.ts";
import type { Clock } from "./faketime.ts";
import { build } from "./needs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Of this process alone: a second run beside it builds again. */
const bundle = `conformance/build/sidecar-${process.pid}`;
let built: Promise<string> | undefined;

/** Builds the bundle once for all sidecars of this process. */
async function program(): Promise<string> {
  built ??= build([{ name: "sidecar", needs: [], build: ["node", "scripts/build.ts", bundle], folder: root }]).then(
    () => {
      process.on("exit", () => rmSync(`${root}${bundle}`, { recursive: true }));
      return `${root}${bundle}/main.mjs`;
    },
  );
  return await built;
}

export interface SidecarOptions {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string>>;
  /** Which moment to wait for: listening, or credentials loaded. */
  readonly until: "listening" | "ready";
  /** Addresses as `HOST:PORT`, besides one on the loopback. */
  readonly where?: readonly string[];
  /** The system chooses when it is not given. */
  readonly port?: number;
}

export interface Sidecar extends Started {
  readonly url: string;
  readonly port: number;
  readonly counts: () => Promise<SidecarCounts>;
  /** Asks for a new session now; it may come after this has resolved. */
  readonly refresh: () => Promise<void>;
}

const started = String.raw`"credentials":\["127\.0\.0\.1:(\d+)"[^\]]*\],"admin":\["([\d.:]+)"\]`;

export async function startSidecar({ clock, env, until, where = [], port = 0 }: SidecarOptions): Promise<Sidecar> {
  const process_ = await start({
    command: process.execPath,
    args: [await program(), `--listen=${[`127.0.0.1:${port}`, ...where].join(",")}`, "--admin-listen=127.0.0.1:0"],
    env: { AWS_REGION: "eu-west-1", AWS_EC2_METADATA_DISABLED: "true", SIDECAR_IMDS: "v1", ...clock.env, ...env },
    ready: new RegExp(until === "ready" ? String.raw`${started}[\s\S]*"code":"Ready"` : started),
  });
  const [, listening, admin] = process_.match;
  return {
    ...process_,
    url: `http://127.0.0.1:${listening}`,
    port: Number(listening),
    counts: async () => readCounts(await metrics(`http://${admin}/metrics`)),
    refresh: () => refresh(`http://${admin}/refresh`),
  };
}

/** By a faked clock the sidecar's patience with a slow request is 33 ms, and this process may be that slow. */
const METRICS_TRIES = 10;

async function metrics(url: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(url, { headers: { Connection: "close" } }).catch((error: unknown) => error);
    if (response instanceof Response && response.ok) return await response.text();
    if (tries === METRICS_TRIES) throw new Error(`${url} gave no metrics`, { cause: response });
  }
}

/** By a faked clock its half a minute of patience is half a second. */
const STILL_ASKING = 202;

/** By undici itself, for `fetch` sends a browser's header. */
async function refresh(url: string): Promise<void> {
  const { statusCode, body } = await request(url, { method: "POST" });
  const text = await body.text();
  if (statusCode !== 200 && statusCode !== STILL_ASKING) throw new Error(`${url}: ${statusCode} ${text}`);
}

export interface SidecarCounts {
  /** Reads that were answered with credentials. */
  readonly reads: number;
  /** Reads that found nothing. */
  readonly unavailable: number;
  /** Reads that waited for upstream. */
  readonly waited: number;
  /** Refreshes that the sidecar tried, with any result. */
  readonly refreshes: number;
}

/** Prometheus text to numbers. Pure. */
export function readCounts(metrics: string): SidecarCounts {
  const sum = (name: string, label = "") => {
    const lines = metrics.matchAll(new RegExp(`^credential_sidecar_${name}\\{([^}]*)\\} (\\d+)$`, "gm"));
    return [...lines].reduce((total, [, labels, value]) => total + (labels?.includes(label) ? Number(value) : 0), 0);
  };
  return {
    reads: sum("reads_total", 'result="served"'),
    unavailable: sum("reads_total", 'result="unavailable"'),
    waited: sum("flights_coalesced_total"),
    refreshes: sum("refreshes_total"),
  };
}
