/** Starts and ends the servers under measurement, and reads from the kernel what they use. Linux only. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Running {
  /** The document's URL. */
  readonly url: string;
  /** Origin of the admin listener, which the bare server has not. */
  readonly admin: string | undefined;
  readonly msSinceStart: () => number;
  readonly cpuSeconds: () => number;
  /** Private memory: what one more process costs the machine, in MB. */
  readonly privateMb: () => number;
  readonly stop: () => Promise<void>;
}

export interface StartOptions {
  readonly args: readonly string[];
  /** Nothing of this process's environment is passed on: a flag of ours would be in the figures. */
  readonly env?: Readonly<Record<string, string>>;
  /** The code of the log line that ends the start. */
  readonly until?: "Started" | "Ready";
}

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const onFreePorts = ["--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"];

/** The arguments of Node for the sidecar. The bundle is what ships; the source runs through Node's type stripping. */
export function sidecar(form: "bundle" | "source", upstream = "demo"): readonly string[] {
  return [pathOf(form === "bundle" ? "../dist/main.mjs" : "../src/main.ts"), `--upstream=${upstream}`, ...onFreePorts];
}

/** The arguments of Node for the bare server that answers with `document`. */
export function bare(document: object): readonly string[] {
  return [pathOf("bare-server.mjs"), JSON.stringify(document)];
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export async function start({ args, env = {}, until = "Ready" }: StartOptions): Promise<Running> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  running.add(child);
  const exited = once(child, "exit").finally(() => running.delete(child));
  const origins = await originsOnce(child, until);
  const { pid = 0 } = child;
  return {
    url: `http://${origins.credentials}/v1/credentials`,
    admin: origins.admin === undefined ? undefined : `http://${origins.admin}`,
    msSinceStart: () => performance.now() - startedAt,
    cpuSeconds: () => cpuSecondsOf(pid),
    privateMb: () => privateMbOf(pid),
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

/** `USER_HZ` is 100 on every Linux that Node runs on. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

function privateMbOf(pid: number): number {
  const [, kilobytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1_024;
}
