/** The real program as a process of its own. Tests wait for what it says and does, never for time to pass. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { bareEnvironment, temporaryDirectory, type Variables } from "./environment.ts";
import type { HostMessage } from "./program-host.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const host = fileURLToPath(new URL("program-host.ts", import.meta.url));

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
  /** What runs: the program, the host that runs its commands when it is told to, or the program at a path. */
  readonly entry?: string;
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

  constructor(t: TestContext, args: readonly string[], { env = {}, nodeFlags = [], entry = "main" }: ProgramOptions) {
    const home = temporaryDirectory(t);
    this.#child = spawn(
      process.execPath,
      [...nodeFlags, entry === "main" ? main : entry === "host" ? host : entry, ...args],
      {
        env: bareEnvironment(home, env),
        stdio: ["ignore", "pipe", "pipe", ...(entry === "host" ? (["ipc"] as const) : [])],
      },
    );
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
    return whole.split("\n").flatMap((line) => (line.startsWith('{"') ? [JSON.parse(line) as LogLine] : []));
  }

  /** The first log line with one of these codes; rejects when the program ends without it. */
  async line(...codes: readonly string[]): Promise<LogLine> {
    return await this.lineThat(codes.join(" or "), ({ code }) => code !== undefined && codes.includes(code));
  }

  /** The first log line of which `matches` is true; rejects when the program ends without it. */
  async lineThat(what: string, matches: (line: LogLine) => boolean): Promise<LogLine> {
    return await this.#lineAmong(what, (lines) => lines.find(matches));
  }

  async #lineAmong(what: string, find: (lines: readonly LogLine[]) => LogLine | undefined): Promise<LogLine> {
    for (;;) {
      const found = find(this.lines);
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null) throw new Error(`ended without saying ${what}:\n${this.#out}${this.#err}`);
      await new Promise<void>((resolve) => this.#listening.push(resolve));
    }
  }

  /** Resolves when the output matches; rejects when the program ends without that. */
  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#out + this.#err)) {
      if (this.#child.exitCode !== null) throw new Error(`ended without saying ${pattern}:\n${this.#out}${this.#err}`);
      await new Promise<void>((resolve) => this.#listening.push(resolve));
    }
  }

  /** The second of the log lines with this code from now on; rejects when the program ends without it. */
  async secondLine(code: string): Promise<LogLine> {
    const before = this.lines.filter((line) => line.code === code).length;
    return await this.#lineAmong(`${code} twice`, (lines) => lines.filter((line) => line.code === code)[before + 1]);
  }

  /** Runs a command in a host, to its end. */
  async run(args: readonly string[]): Promise<void> {
    this.#child.send({ args } satisfies HostMessage);
    await once(this.#child, "message");
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
  const program = new Program(t, ["serve", ...anyPorts, ...args], options);
  return { program, ...(await urlsOf(program)) };
}

/** `serve` on free ports in a host; resolves when it listens. */
export async function serveInHost(t: TestContext, env: Variables): Promise<Serving> {
  const program = new Program(t, [], { env, entry: "host" });
  void program.run(["serve", ...anyPorts]);
  return { program, ...(await urlsOf(program)) };
}

const anyPorts = ["--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"];

async function urlsOf(program: Program): Promise<Omit<Serving, "program">> {
  const { credentials, admin } = await program.line("Started");
  const urlOf = (addresses: unknown) => `http://${(addresses as readonly string[])[0]}`;
  return { url: urlOf(credentials), adminUrl: urlOf(admin) };
}
