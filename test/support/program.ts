/** The real program as a process of its own. Tests wait for what it says and does, never for time to pass. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { bareEnvironment, temporaryDirectory, type Variables } from "./environment.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** A line of the program's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly code?: string };

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface ProgramOptions {
  readonly env?: Variables;
  /** Flags of Node itself. */
  readonly nodeFlags?: readonly string[];
}

/** Runs a command to its end. */
export async function runProgram(
  t: TestContext,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Ended> {
  return await new Program(t, args, options).ended;
}

export class Program {
  /** Resolves when it has exited and all its output has arrived. */
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #out = "";
  #err = "";
  #listening: (() => void)[] = [];

  constructor(t: TestContext, args: readonly string[], { env = {}, nodeFlags = [] }: ProgramOptions) {
    const home = temporaryDirectory(t);
    this.#child = spawn(process.execPath, [...nodeFlags, main, ...args], {
      env: bareEnvironment(home, env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => this.#hear(() => (this.#out += chunk.toString())));
    this.#child.stderr?.on("data", (chunk: Buffer) => this.#hear(() => (this.#err += chunk.toString())));
    this.ended = once(this.#child, "close").then(([code]) => {
      this.#hear(() => {});
      return { code, out: this.#out, err: this.#err };
    });
    t.after(async () => {
      this.#child.kill("SIGKILL");
      await this.ended;
    });
  }

  get out(): string {
    return this.#out;
  }

  get err(): string {
    return this.#err;
  }

  /** Ends the reading side of its standard output and standard error, as a log pipe that is lost. */
  loseOutput(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  get lines(): readonly LogLine[] {
    const whole = this.#out.slice(0, this.#out.lastIndexOf("\n") + 1);
    return whole.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as LogLine] : []));
  }

  /** The first log line with one of these codes; rejects when the program ends without it. */
  async line(...codes: readonly string[]): Promise<LogLine> {
    return await this.lineThat(codes.join(" or "), ({ code }) => code !== undefined && codes.includes(code));
  }

  /** The first log line of which `matches` is true; rejects when the program ends without it. */
  async lineThat(what: string, matches: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const found = this.lines.find(matches);
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null) throw new Error(`ended without saying ${what}:\n${this.#out}${this.#err}`);
      await new Promise<void>((resolve) => this.#listening.push(resolve));
    }
  }

  #hear(take: () => void): void {
    take();
    for (const tell of this.#listening.splice(0)) tell();
  }
}

export interface Serving {
  readonly program: Program;
  /** `http://127.0.0.1:PORT` of the credential listener, and of the admin listener. */
  readonly url: string;
  readonly adminUrl: string;
}

/** `serve` on free ports; resolves when it listens. */
export async function serveProgram(
  t: TestContext,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Serving> {
  const program = new Program(t, ["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", ...args], options);
  const { credentials, admin } = await program.line("Started");
  const urlOf = (addresses: unknown) => `http://${(addresses as readonly string[])[0]}`;
  return { program, url: urlOf(credentials), adminUrl: urlOf(admin) };
}
