/** Starts and ends the servers under measurement, and reads from the kernel what they use. Linux only. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { statusOf } from "./document.ts";

export interface Running {
  /** The document's URL. */
  readonly url: string;
  /** Origin of the admin listener, which only the sidecar has. */
  readonly admin: string | undefined;
  /** What each read has to carry. */
  readonly headers: readonly string[];
  /** Until it was ready, in ms. */
  readonly readyMs: number;
  /** CPU of all its threads until it was ready, in ms. */
  readonly readyCpuMs: number;
  readonly cpuSeconds: () => number;
  /** Private memory: what one more process costs the machine, in MB. */
  readonly privateMb: () => number;
  readonly stop: () => Promise<void>;
}

export interface Program {
  readonly command?: string;
  readonly args: readonly string[];
  /** Nothing of this process's environment is passed on: a flag of ours would be in the figures. */
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A program that says, as a line of JSON, when it is ready and where. */
export async function start(program: Program, until: "Started" | "Ready" = "Ready"): Promise<Running> {
  const spawned = launch(program);
  const origins = await originsOnce(spawned.child, until);
  const url = `http://${origins.credentials}/v1/credentials`;
  return asRunning(spawned, { url, admin: origins.admin && `http://${origins.admin}`, headers: [] });
}

/** A program that says nothing: it is ready when `headersFor` has what a read needs, and the read succeeds. */
export async function startAsking(
  program: Program,
  url: string,
  headersFor: () => Promise<readonly string[]> = async () => [],
): Promise<Running> {
  const spawned = launch(program);
  spawned.child.stdout?.resume();
  for (;;) {
    if (spawned.child.exitCode !== null) throw new Error(`${program.command} ended before it answered`);
    const headers = await headersFor().catch(() => undefined);
    if (headers !== undefined && (await statusOf(url, headers).catch(() => 0)) === 200) {
      return asRunning(spawned, { url, admin: undefined, headers });
    }
    await sleep(2);
  }
}

interface Spawned {
  readonly child: ChildProcess;
  readonly startedAt: number;
  readonly exited: Promise<unknown>;
}

function launch({ command = process.execPath, args, env = {} }: Program): Spawned {
  const startedAt = performance.now();
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "ignore"] });
  running.add(child);
  return { child, startedAt, exited: once(child, "exit").finally(() => running.delete(child)) };
}

function asRunning(spawned: Spawned, at: Pick<Running, "url" | "admin" | "headers">): Running {
  const { child, startedAt, exited } = spawned;
  const { pid = 0 } = child;
  return {
    ...at,
    readyMs: performance.now() - startedAt,
    readyCpuMs: threadSeconds(pid) * 1_000,
    cpuSeconds: () => familyOf(pid).reduce((sum, one) => sum + threadSeconds(one), 0),
    privateMb: () => familyOf(pid).reduce((sum, one) => sum + privateMbOf(one), 0),
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

interface Origins {
  readonly credentials: string;
  readonly admin: string | undefined;
}

/** Reads the log until the line that was waited for, and on: a full pipe would stop the server. */
function originsOnce(child: ChildProcess, until: string): Promise<Origins> {
  const { promise, resolve, reject } = Promise.withResolvers<Origins>();
  let origins: Origins = { credentials: "", admin: undefined };
  child.once("exit", (code) => reject(new Error(`the server ended (${code}) before it said ${until}`)));
  if (child.stdout === null) throw new Error("the server has no output");
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { code, credentials, admin } = JSON.parse(line);
    if (credentials !== undefined) origins = { credentials: credentials[0], admin: admin?.[0] };
    if (code === until) resolve(origins);
  });
  return promise;
}

/** nginx answers from a child of its own. */
function familyOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  return [pid, ...children.flatMap(familyOf)];
}

/** User and system time of every thread, in nanoseconds as the scheduler counts it. */
function threadSeconds(pid: number): number {
  const of = (thread: string) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + of(thread), 0) / 1e9;
}

function privateMbOf(pid: number): number {
  const [, kilobytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1_024;
}

/** For programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
