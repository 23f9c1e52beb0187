/** Starts programs, waits for a line that says they are ready, and ends only those. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

/** A program that does not end when asked is ended after this. */
const KILL_AFTER_MS = 5_000;

export interface Started {
  readonly pid: number | undefined;
  /** What matched `ready`. */
  readonly match: RegExpExecArray;
  /** Everything printed so far, both streams. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
  /** Ends it as the kernel does that is short of memory: without a word. */
  readonly kill: () => Promise<void>;
}

export interface StartOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment but `PATH` and `HOME`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly ready: RegExp;
}

/** A program that is not ready by then, on however busy a machine, is not going to be. */
const READY_WITHIN_MS = 60_000;

/** Rejects with all output when the program ends, or a minute passes, before it is ready. */
export async function start({ command, args, env = {}, ready }: StartOptions): Promise<Started> {
  const child = begin(command, args, env);
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
  let output = "";
  const hear = (chunk: Buffer) => {
    output += chunk.toString();
    const match = ready.exec(output);
    if (match !== null) resolve(match);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  child.on("error", reject);
  child.on("exit", (code) => reject(new Error(`${command} ended with ${code} before it was ready:\n${output}`)));
  const limit = setTimeout(() => {
    reject(new Error(`${command} was not ready within ${READY_WITHIN_MS / 1_000} s:\n${output}`));
    void stop(child);
  }, READY_WITHIN_MS);
  try {
    return {
      match: await promise,
      pid: child.pid,
      output: () => output,
      stop: () => stop(child),
      kill: () => kill(child),
    };
  } finally {
    clearTimeout(limit);
  }
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** It was ended because its time was over. */
  readonly timedOut: boolean;
}

export interface RunLimits {
  readonly cwd?: string;
  /** In ms. */
  readonly limitMs?: number;
}

/** Runs a program to its end. */
export async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { cwd, limitMs }: RunLimits = {},
): Promise<Ran> {
  const child = begin(command, args, env, cwd);
  let stdout = "";
  let stderr = "";
  let timedOut = false;
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const limit =
    limitMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          void stop(child);
        }, limitMs);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return { code, stdout, stderr, timedOut };
  } finally {
    clearTimeout(limit);
  }
}

const living = new Set<ChildProcess>();

/** Each program leads a process group of its own, so that what it starts ends with it. */
function begin(command: string, args: readonly string[], env: Readonly<Record<string, string>>, cwd?: string) {
  const child = spawn(command, args, {
    env: baseEnv(env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...(cwd === undefined ? {} : { cwd }),
  });
  living.add(child);
  child.on("exit", () => living.delete(child));
  child.on("error", () => living.delete(child));
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  signal(child, "SIGTERM");
  const impatient = setTimeout(() => signal(child, "SIGKILL"), KILL_AFTER_MS);
  await ended;
  clearTimeout(impatient);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  signal(child, "SIGKILL");
  await ended;
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Ends every program that was started here and has not ended. */
export async function stopAll(): Promise<void> {
  await Promise.all([...living].map(stop));
}

/** Ctrl-C and SIGTERM tidy up, end what was started here, and then this process. */
export function endWithSignals(tidyUp: () => Promise<void>): void {
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    const exit = () => process.exit(128 + constants.signals[name]);
    process.once(name, () => void Promise.allSettled([tidyUp(), stopAll()]).then(exit));
  }
}

/** An application's environment has what it was given, and nothing of the machine's AWS set-up. */
function baseEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: process.env.PATH ?? "", HOME: "/nonexistent", ...env };
}
