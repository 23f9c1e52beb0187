/** Runs a client program once, and reads the line that it prints at its end. */
import { run } from "../processes.ts";
import type { Client } from "./clients.ts";
import type { Clock } from "./faketime.ts";

/** The line of `clients/README.md`. */
export interface ClientLine {
  readonly client: string;
  readonly version: string;
  readonly requests: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly firstError: string | null;
  readonly firstErrorAtMs: number | null;
  readonly lastErrorAtMs: number | null;
  readonly firstSuccessAtMs: number | null;
}

export type ClientEnd =
  | { readonly kind: "line"; readonly line: ClientLine }
  /** It crashed, hung, or printed something else. */
  | { readonly kind: "broken"; readonly why: string };

export interface Load {
  readonly requests: number;
  readonly concurrency?: number;
  /** By the client's clock. */
  readonly paceMs?: number;
  /** By the real clock. */
  readonly limitMs: number;
}

export async function runClient(
  { run: command, folder }: Client,
  target: string,
  credentials: Readonly<Record<string, string>>,
  { requests, concurrency = 1, paceMs = 0, limitMs }: Load,
  clock: Clock,
): Promise<ClientEnd> {
  const [program = "", ...args] = command;
  const env = {
    ...clock.env,
    AWS_REGION: "eu-west-1",
    TARGET_URL: target,
    REQUESTS: String(requests),
    CONCURRENCY: String(concurrency),
    PACE_MS: String(paceMs),
    ...credentials,
  };
  const { code, stdout, stderr, timedOut } = await run(program, args, env, { cwd: folder, limitMs });
  if (timedOut) return { kind: "broken", why: `did not end within ${limitMs / 1_000} s` };
  const line = readLine(stdout);
  if (code === 0 && line !== undefined) return { kind: "line", line };
  const last = `${stderr}\n${stdout}`.trim().split("\n").slice(-3).join(" | ").slice(0, 300);
  return { kind: "broken", why: code === 0 ? `printed no such line: ${last}` : `ended with ${code}: ${last}` };
}

/** Undefined when standard output is anything but one such line. */
export function readLine(stdout: string): ClientLine | undefined {
  try {
    const line = JSON.parse(stdout.trim()) as ClientLine;
    const numbers = [line.requests, line.failed, line.p50Ms, line.p99Ms];
    return numbers.every(Number.isFinite) && typeof line.version === "string" ? line : undefined;
  } catch {
    return undefined;
  }
}
