/** Containers of the image and beside it, as a test wants them. */
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { MEMORY_LIMIT_MIB } from "../limits.ts";
import { containersEnv, podman, podmanOptions } from "./podman.ts";

const run = promisify(execFile);

export interface Container extends AsyncDisposable {
  readonly name: string;
  /** Resolves with the first line of its output that satisfies `is`; rejects with all of its output when it ends before. */
  readonly line: (is: (line: string) => boolean) => Promise<string>;
  /** What it has printed so far, on standard output and standard error. */
  readonly output: () => Promise<string>;
  /** Sends the signal, and resolves with the exit code and how long that took. */
  readonly end: (signal: "SIGTERM" | "SIGINT") => Promise<{ readonly code: number; readonly ms: number }>;
}

/** What a careful pod gives to a container: nothing but its memory. */
export const hardened = [
  "--read-only",
  "--read-only-tmpfs=false",
  "--cap-drop=ALL",
  "--security-opt=no-new-privileges",
  `--memory=${MEMORY_LIMIT_MIB}m`,
  `--memory-swap=${MEMORY_LIMIT_MIB}m`,
] as const;

/** `podman run` with these arguments: options, image, command. Removed when the test is over. */
export async function container(...args: readonly string[]): Promise<Container> {
  const name = `sidecar-test-${randomBytes(6).toString("hex")}`;
  await podman("run", "--detach", "--name", name, ...args);
  return {
    name,
    line: (is) => firstLine(name, is),
    output: () => printed(name),
    async end(signal) {
      const sentAt = performance.now();
      await podman("kill", "--signal", signal, name);
      const code = Number(await podman("wait", name));
      return { code, ms: performance.now() - sentAt };
    },
    async [Symbol.asyncDispose]() {
      await podman("rm", "--force", "--time", "0", name);
    },
  };
}

/** Whether a line of the sidecar's log has this code. */
export const says =
  (code: string) =>
  (line: string): boolean =>
    line.startsWith("{") && JSON.parse(line).code === code;

async function printed(name: string): Promise<string> {
  const logs = await run("podman", [...podmanOptions, "logs", name], { env: containersEnv });
  return logs.stdout + logs.stderr;
}

/** Standard output and standard error alike. */
async function firstLine(name: string, is: (line: string) => boolean): Promise<string> {
  const logs = spawn("podman", [...podmanOptions, "logs", "--follow", name], {
    env: containersEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const both = new PassThrough();
  for (const stream of [logs.stdout, logs.stderr]) stream.pipe(both, { end: false });
  const closed = once(logs, "close").then(() => both.end());
  const all: string[] = [];
  try {
    for await (const line of createInterface({ input: both })) {
      all.push(line);
      if (is(line)) return line;
    }
  } finally {
    logs.kill();
    await closed;
  }
  throw new Error(`${name} ended:\n${all.join("\n")}`);
}

const beside = fileURLToPath(new URL("beside/", import.meta.url));

/** Runs a program of `beside/` on the base's Node, as another container of the same pod would: options, then its arguments. */
export function program(base: string, file: string, options: readonly string[] = [], ...args: readonly string[]) {
  return [`--volume=${beside}:/beside:ro`, ...options, base, `/beside/${file}`, ...args];
}

/** What such a program prints. */
export function output(base: string, file: string, network: string, ...args: readonly string[]): Promise<string> {
  return podman("run", "--rm", ...program(base, file, [`--network=${network}`], ...args));
}
