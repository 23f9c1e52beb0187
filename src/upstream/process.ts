/**
 * Runs a `credential_process`. Ourselves, because the SDK cuts its command line at ` #` and ` ;`, fails when it writes
 * over 1 MB to stderr, and leaves one that hangs running for ever.
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import type { Clock } from "../edge.ts";
import { classify } from "./classify.ts";
import { expirationOf } from "./expiration.ts";
import { UpstreamFailure } from "./failure.ts";
import { jsonObject } from "./json-object.ts";
import type { ProcessPlan } from "./plan.ts";
import type { Provided } from "./provided.ts";

/** How long a program may take to end after SIGTERM, in ms. */
const TERMINATION_MS = 2_000;
const MAX_OUTPUT_BYTES = 1_048_576;
/** Enough to find a network error's code in; the rest is read and dropped. */
const MAX_ERROR_BYTES = 8_192;

export interface ProcessInput {
  readonly plan: ProcessPlan;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Ends the program and everything that it started. */
  readonly signal: AbortSignal;
}

/** Settles when the program has ended, and not before: two of them never run at once. */
export async function fetchProcess(input: ProcessInput): Promise<Provided> {
  const { plan, clock } = input;
  const { status, output, errors } = await run(input);
  if (status !== 0) throw programFailure({ status, errors, profile: plan.profile, now: clock.now() });
  const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration, AccountId } = parse(output, plan);
  const malformed = (fault: string) =>
    new UpstreamFailure("malformed", `credential_process of the profile ${JSON.stringify(plan.profile)} ${fault}`);
  if (Version !== 1) throw malformed("did not print Version 1");
  const expiration = expirationOf(Expiration || undefined);
  if (expiration !== undefined && expiration.getTime() <= clock.now()) {
    throw new UpstreamFailure(
      "expired",
      `credential_process of the profile ${JSON.stringify(plan.profile)} printed credentials that have expired`,
    );
  }
  return {
    answer: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken || undefined,
      expiration,
      accountId: AccountId || plan.accountId,
    },
    mayLast: true,
    fromProgram: true,
  };
}

interface ProgramFailure extends Pick<Ended, "status" | "errors"> {
  readonly profile: string;
  readonly now: number;
}

/** What a shell ends with when a program cannot be executed, and when there is none (POSIX, 2.8.2). */
const CANNOT_BE_EXECUTED = 126;
const NOT_FOUND = 127;

function programFailure({ status, errors, profile, now }: ProgramFailure): UpstreamFailure {
  const program = `credential_process of the profile ${JSON.stringify(profile)}`;
  const subject = { profile, setting: "credential_process" };
  if (status === NOT_FOUND || status === CANNOT_BE_EXECUTED) {
    const fault = status === NOT_FOUND ? "was not found" : "cannot be executed";
    const remedy = `put the program of ${program} into the sidecar's container, executable, or correct its path`;
    return new UpstreamFailure("not-configured", `${program} ${fault}`, { subject, remedy });
  }
  // The SDK's sentence; what the program says may name the network error that it met.
  const { kind, upstreamCode } = classify(new Error(`Command failed: ended with ${status}\n${errors}`), now);
  const remedy = `run ${program} by hand in the sidecar's container, and look at what it prints`;
  return new UpstreamFailure(kind, `${program} ended with ${status}`, { upstreamCode, subject, remedy });
}

function parse(output: string, { profile }: ProcessPlan): Readonly<Record<string, unknown>> {
  const document = jsonObject(output);
  if (document !== undefined) return document;
  throw new UpstreamFailure(
    "malformed",
    `credential_process of the profile ${JSON.stringify(profile)} printed no JSON object`,
  );
}

interface Ended {
  readonly status: number | NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** By a shell, as the JavaScript and Go SDKs run it, and in a process group of its own, so that all of it can be ended. */
async function run({ plan, env, clock, signal }: ProcessInput): Promise<Ended> {
  if (signal.aborted) throw timedOut();
  const child = spawn("/bin/sh", ["-c", plan.command], { detached: true, env, stdio: ["ignore", "pipe", "pipe"] });
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

/** Ends a program's process group: SIGTERM, and SIGKILL when that does not do. */
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
