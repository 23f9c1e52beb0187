/** Runs a program whose output is credentials: bounded in time and in output, and ended with all that it started. */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import type { Clock, Env } from "../edge.ts";
import { UpstreamFailure } from "./failure.ts";

/** How long a program may take to end after SIGTERM, in ms. */
const TERMINATION_MS = 2_000;
const MAX_OUTPUT_BYTES = 1_048_576;
/** Enough to find a network error's code in; the rest is read and dropped. */
const MAX_ERROR_BYTES = 8_192;

export interface ProgramInput {
  readonly command: string;
  readonly env: Env;
  readonly clock: Clock;
  /** Ends the program and everything that it started. */
  readonly signal: AbortSignal;
}

/** How a program ended, and what it printed. */
export interface Ended {
  readonly status: number | NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs the command in a shell, as the JavaScript and Go SDKs do, and in a process group of its own, so that everything it
 * started ends with it. Rejects with an `UpstreamFailure`: `timeout` when `signal` aborts, `malformed` for too much output.
 */
export async function runProgram({ command, env, clock, signal }: ProgramInput): Promise<Ended> {
  if (signal.aborted) throw timedOut();
  const child = spawn("/bin/sh", ["-c", command], { detached: true, env, stdio: ["ignore", "pipe", "pipe"] });
  const output = collect(child, "stdout", MAX_OUTPUT_BYTES);
  const errors = collect(child, "stderr", MAX_ERROR_BYTES);
  const ending = new Ending(child, clock);
  output.onOverflow = () => ending.begin();
  const onAbort = () => ending.begin();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const status = await ending.status;
    if (output.overflown) throw new UpstreamFailure("malformed", `credential_process printed more than 1 MiB`);
    if (signal.aborted) throw timedOut();
    return { status, output: output.text(), errors: errors.text() };
  } finally {
    signal.removeEventListener("abort", onAbort);
    ending.finish();
  }
}

function timedOut(): UpstreamFailure {
  return new UpstreamFailure("timeout", "credential_process did not end in time, and was ended");
}

/** Ends a program's process group: SIGTERM first, then SIGKILL if it is still running. */
class Ending {
  /** The exit status or the signal, once the program has ended and its output was read. */
  readonly status: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #onExit = () => this.#kill("SIGKILL");
  #begun = false;
  #cancelKill = () => {};

  constructor(child: ChildProcess, clock: Clock) {
    this.#child = child;
    this.#clock = clock;
    const { promise, resolve, reject } = Promise.withResolvers<number | NodeJS.Signals | null>();
    this.status = promise;
    child.on("error", reject).on("close", (code, name) => resolve(code ?? name));
    // A descendant in a group of its own may keep the pipes open after the program was ended.
    child.on("exit", (code, name) => this.#begun && resolve(code ?? name));
    process.once("exit", this.#onExit);
  }

  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) this.#closePipes();
    this.#kill("SIGTERM");
    this.#cancelKill = this.#clock.setTimer(TERMINATION_MS, () => this.#kill("SIGKILL"));
  }

  finish(): void {
    this.#cancelKill();
    if (this.#begun) this.#kill("SIGKILL");
    process.off("exit", this.#onExit);
    this.#closePipes();
  }

  #closePipes(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  #kill(name: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, name);
    } catch {
      // The group has ended.
    }
  }
}

class Collected {
  readonly #chunks: Buffer[] = [];
  #size = 0;
  overflown = false;
  onOverflow = () => {};
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(chunk: Buffer): void {
    const room = this.#maxBytes - this.#size;
    if (chunk.length > room) {
      this.overflown = true;
      this.onOverflow();
    }
    if (room <= 0) return;
    this.#chunks.push(chunk.subarray(0, room));
    this.#size += Math.min(chunk.length, room);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

function collect(child: ChildProcess, name: "stdout" | "stderr", maxBytes: number): Collected {
  const collected = new Collected(maxBytes);
  child[name]?.on("data", (chunk: Buffer) => collected.add(chunk));
  return collected;
}
