/** Starts programs, waits for a line that says they are ready, and ends only those. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface Started {
  /** What matched `ready`. */
  readonly match: RegExpExecArray;
  /** Everything printed so far, both streams. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

export interface StartOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment but `PATH` and `HOME`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly ready: RegExp;
}

/** Rejects with all output when the program ends before it is ready. */
export async function start({ command, args, env = {}, ready }: StartOptions): Promise<Started> {
  const child = spawn(command, args, { env: baseEnv(env), stdio: ["ignore", "pipe", "pipe"] });
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
  return { match: await promise, output: () => output, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  const child = spawn(command, args, { env: baseEnv(env), stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** An application's environment has what it was given, and nothing of the machine's AWS set-up. */
function baseEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: process.env.PATH ?? "", HOME: "/nonexistent", ...env };
}
