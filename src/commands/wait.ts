import type { Clock, Edge } from "../edge.ts";
import { quoted } from "../settings/problems.ts";
import { durationBetween } from "../settings/values.ts";
import { HOUR, MINUTE, SECOND } from "../time.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { adminOff, sentence } from "./healthcheck.ts";
import { adminUrl, askReadiness, type Readiness } from "./readiness.ts";
import { type Loading, loadSettings, printProblems } from "./settings.ts";

/** The sidecar is on the same machine, so that asking often costs nothing worth saving. */
const EVERY_MS = 200;
const DEFAULT_LIMIT_MS = 2 * MINUTE;
const limits = durationBetween(SECOND, HOUR);

/** Waits until the running sidecar is ready, for start scripts and CI. Exits with 1, and says why, when it is not in time. */
export async function wait(args: readonly string[], edge: Edge): Promise<ExitCode> {
  const loaded = loadSettings("wait", args, edge);
  const limitMs = timeoutOf(loaded, DEFAULT_LIMIT_MS, edge);
  if (loaded.kind === "problems" || limitMs === undefined) return exitCodes.badSettings;
  const admin = adminUrl(loaded.settings);
  if (admin === undefined) return adminOff("wait", edge);
  const readiness = await untilReady(admin, limitMs, edge.clock);
  if (readiness.kind === "ready") return exitCodes.ok;
  edge.printError(`${sentence(readiness)}; gave up after ${limits.show(limitMs)} (--timeout)\n`);
  return exitCodes.failure;
}

/** The value of `--timeout` in ms; undefined when it is not allowed, which is printed. */
export function timeoutOf(loaded: Loading, fallbackMs: number, edge: Pick<Edge, "printError">): number | undefined {
  const text = loaded.kind === "ok" ? loaded.own.get("timeout") : undefined;
  if (text === undefined) return fallbackMs;
  const read = limits.read(text);
  if (read.kind === "ok") return read.value;
  printProblems([{ code: "BadValue", message: `--timeout: ${quoted(text)} is not allowed; allowed: 1s to 1h` }], edge);
  return undefined;
}

async function untilReady(admin: string, limitMs: number, clock: Clock): Promise<Readiness> {
  const { monotonicMs, setTimer } = clock;
  const end = monotonicMs() + limitMs;
  for (;;) {
    const readiness = await askReadiness(admin, clock);
    const leftMs = end - monotonicMs();
    if (readiness.kind === "ready" || leftMs <= 0) return readiness;
    await new Promise<void>((resolve) => setTimer(Math.min(EVERY_MS, leftMs), resolve));
  }
}
