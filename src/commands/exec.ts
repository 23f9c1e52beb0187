import type { Edge } from "../edge.ts";
import { printable } from "../printable.ts";
import { type ChildEnd, hasTerminal, signalNumber, startChild } from "../process/child.ts";
import { effectiveImds } from "../settings/exposure.ts";
import { quoted } from "../settings/problems.ts";
import { type Sidecar, startSidecar } from "../sidecar.ts";
import type { Log } from "../telemetry/log.ts";
import { MINUTE } from "../time.ts";
import { createIdentities } from "../upstream/create.ts";
import { namedProfile } from "../upstream/resolve.ts";
import { readSharedFiles, type SharedFiles } from "../upstream/shared-files.ts";
import { execArguments } from "./exec/arguments.ts";
import { reachableAt, withExecDefaults } from "./exec/defaults.ts";
import { childEnvironment } from "./exec/environment.ts";
import { writeFiles } from "./exec/files.ts";
import { FirstCredentials, type Wait } from "./exec/first-credentials.ts";
import { configWithoutCredentials, regionOf } from "./exec/profile-settings.ts";
import { ProgramSignals } from "./exec/signals.ts";
import { exitCodes } from "./exit-codes.ts";
import { logTo } from "./log.ts";
import { type Loaded, printProblems } from "./settings.ts";
import { reportStartError } from "./start-error.ts";
import { loadForStart } from "./start-settings.ts";
import { tellStarted } from "./started.ts";
import { timeoutOf } from "./wait.ts";

const DEFAULT_LIMIT_MS = MINUTE;
const TOKEN_BYTES = 32;

/**
 * Runs a program with a sidecar of its own, which ends with it. Resolves with the program's exit code; with 1 when there
 * are no credentials, with 2 for bad settings, with 126 or 127 when the program cannot be started, as shells do.
 */
export async function exec(args: readonly string[], given: Edge): Promise<number> {
  // Standard output is the program's.
  const edge = { ...given, print: given.printError };
  const { flags, program, problems } = execArguments(args);
  const loaded = await loadForStart("exec", flags, edge);
  const limitMs = timeoutOf(loaded, DEFAULT_LIMIT_MS, edge);
  printProblems(problems, edge);
  if (loaded.kind === "problems" || problems.length > 0 || limitMs === undefined) return exitCodes.badSettings;
  const run = new Run(withExecDefaults(loaded, edge.randomBytes(TOKEN_BYTES).toString("base64url")), edge);
  return await run.run(program, limitMs);
}

class Run {
  readonly #loaded: Loaded;
  readonly #edge: Edge;
  readonly #log: Log;
  readonly #signals: ProgramSignals;
  readonly #first = new FirstCredentials();
  #reads = 0;

  constructor(loaded: Loaded, edge: Edge) {
    this.#loaded = loaded;
    this.#edge = edge;
    this.#log = logTo("error", loaded.settings, edge);
    this.#signals = new ProgramSignals(edge.onSignal, hasTerminal);
  }

  async run(program: readonly string[], limitMs: number): Promise<number> {
    try {
      const sidecar = await this.#start();
      const first = await Promise.race([this.#first.of(sidecar, limitMs, this.#edge.clock), this.#signals.beforeStart]);
      const code = typeof first === "string" ? codeOfSignal(first) : await this.#after(first, sidecar, program);
      await sidecar.close();
      return code;
    } catch (error) {
      return reportStartError(error, this.#loaded.settings, this.#edge);
    } finally {
      this.#signals.end();
    }
  }

  async #start(): Promise<Sidecar> {
    const { settings } = this.#loaded;
    const sidecar = await startSidecar({
      ...this.#loaded,
      edge: this.#edge,
      identities: (events) => createIdentities(settings, this.#edge, events),
      observers: [this.#logButTheEnd(), this.#first.observer, { onRead: () => (this.#reads += 1) }],
      onTokenFileUnreadable: (message) => this.#log.tell("TokenFileUnreadable", { message }),
    });
    tellStarted(this.#log, this.#loaded, sidecar, this.#edge);
    return sidecar;
  }

  /** Why there are no credentials is said once, as the reason of the end. */
  #logButTheEnd(): Log {
    const log = this.#log;
    return { ...log, onAttempt: (event) => (this.#first.isEnd(event) ? undefined : log.onAttempt?.(event)) };
  }

  async #after(first: Wait, sidecar: Sidecar, program: readonly string[]): Promise<number> {
    if (first.kind === "ready") return await this.#runProgram(program, sidecar);
    const { identity, failure } = first;
    const why = failure === undefined ? "upstream has not answered" : `${failure.message}; to do: ${failure.remedy}`;
    this.#edge.printError(`${printable(`NoCredentials: ${identity === undefined ? "" : `${identity}: `}${why}`)}\n`);
    return exitCodes.failure;
  }

  async #runProgram(program: readonly string[], sidecar: Sidecar): Promise<number> {
    const { settings, sources } = this.#loaded;
    const { env } = this.#edge;
    const shared = await sharedFiles(env);
    const profile = namedProfile(settings.profiles?.[0], env) ?? "default";
    const token = settings["auth-token"];
    const files = await writeFiles(env, { token, config: configWithoutCredentials(shared, profile) });
    const address = reachableAt(sidecar.addresses);
    const imds = effectiveImds(settings, sources);
    const child = childEnvironment({ env, address, token, files, imds, region: regionOf(shared, profile) });
    if (child.removed.length > 0) this.#log.tell("ShadowingRemoved", { variables: child.removed });
    try {
      const { stoppedBy } = this.#signals;
      if (stoppedBy !== undefined) return codeOfSignal(stoppedBy);
      const started = startChild(program, child.env);
      this.#signals.passTo(started);
      return this.#codeOf(await started.ended, program[0] ?? "");
    } finally {
      await files.remove();
    }
  }

  #codeOf(end: ChildEnd, name: string): number {
    const code = exitCodeOf(end);
    if (end.kind === "not-started") this.#edge.printError(`NotStarted: ${quoted(name)} ${whyNotStarted(end.code)}\n`);
    else if (code !== 0 && this.#reads === 0) this.#log.tell("NothingRead", { exitCode: code });
    return code;
  }
}

/** As shells have it. */
function codeOfSignal(name: string): number {
  return 128 + signalNumber(name);
}

/** As shells do: 127 for what is not there, 126 for what cannot be run, 128 and the number of a signal. */
function exitCodeOf(end: ChildEnd): number {
  switch (end.kind) {
    case "exited":
      return end.code;
    case "killed":
      return codeOfSignal(end.signal);
    case "not-started":
      return end.code === "ENOENT" ? 127 : 126;
  }
}

function whyNotStarted(code: string): string {
  if (code === "ENOENT") return "is not a program that PATH leads to";
  return code === "EACCES" ? "may not be run" : `cannot be started (${code})`;
}

/** A file that cannot be read says nothing to the program; upstream reports it where it matters. */
async function sharedFiles(env: Edge["env"]): Promise<Pick<SharedFiles, "profiles" | "services">> {
  return await readSharedFiles(env).catch(() => ({ profiles: new Map(), services: new Map() }));
}
