/** Runs the commands as a process, and handles failures that nothing else handles. */
import { commandOf } from "./commands/command-line.ts";
import { exitCodes } from "./commands/exit-codes.ts";
import { type CommandName, commandNames } from "./commands/table.ts";
import { type Edge, processEdge } from "./edge.ts";
import { didYouMean } from "./nearest.ts";
import { printable } from "./printable.ts";
import { closeDiagnostics, forbiddenOptions } from "./process/diagnostics.ts";
import { describeFault } from "./process/faults.ts";

/** Runs the command of this process's arguments and ends the process. */
export async function main(): Promise<void> {
  const edge = processEdge();
  process.on("uncaughtException", (error, origin) => {
    // `--unhandled-rejections=strict` brings rejections here first, and they are counted elsewhere.
    if (origin === "uncaughtException") void exit(edge, crash(edge, error));
  });
  // Node's own listener prints the message, which may hold what a library was working on.
  process.removeAllListeners("warning");
  // The AWS SDK warns by the console, also of what it was working on. This program writes by its Edge alone.
  for (const name of ["log", "info", "warn", "error", "debug", "trace"] as const) console[name] = () => {};
  const forbidden = forbiddenOptions();
  if (forbidden.length > 0) {
    for (const option of forbidden) {
      edge.printError(
        `ForbiddenNodeOption: ${option} writes this program's memory, with the secrets in it, to a file; ` +
          "remove it from NODE_OPTIONS or the command line\n",
      );
    }
    return await exit(edge, exitCodes.badSettings);
  }
  const closed = closeDiagnostics();
  if (closed.length > 0) printLine(edge, { level: "warn", code: "DiagnosticsClosed", closed });
  await exit(edge, await run(process.argv.slice(2), edge).catch((error: unknown) => crash(edge, error)));
}

/** The commands that take the arguments behind their name and end with an exit code. */
type Run = (args: readonly string[], edge: Edge) => number | Promise<number>;

/** Each command is loaded when it is asked for: `healthcheck` runs every few seconds and needs little of the rest. */
const loaders: Readonly<Record<CommandName, () => Promise<Run>>> = {
  serve: async () => (await import("./commands/serve.ts")).serve,
  exec: async () => (await import("./commands/exec.ts")).exec,
  check: async () => (await import("./commands/check.ts")).check,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  env: async () => (await import("./commands/env.ts")).env,
  refresh: async () => (await import("./commands/refresh.ts")).refresh,
  healthcheck: async () => (await import("./commands/healthcheck.ts")).healthcheck,
  wait: async () => (await import("./commands/wait.ts")).wait,
  completion: async () => (await import("./commands/completion.ts")).completion,
  help: async () => (await import("./commands/words.ts")).help,
  version: async () => (await import("./commands/words.ts")).printVersion,
};

async function run(args: readonly string[], edge: Edge): Promise<number> {
  const { command, rest } = commandOf(args);
  if (command.kind === "known") return await (await loaders[command.name]())(rest, edge);
  const meant = didYouMean(command.typed, commandNames) || `; allowed: ${commandNames.join(", ")}`;
  edge.printError(`UnknownCommand: ${printable(JSON.stringify(command.typed))}${meant}\n`);
  return exitCodes.badSettings;
}

function crash(edge: Edge, error: unknown): number {
  printLine(edge, { level: "error", code: "Crashed", ...describeFault(error) });
  return exitCodes.failure;
}

function printLine(edge: Edge, line: object): void {
  edge.printError(`${JSON.stringify(line)}\n`);
}

async function exit(edge: Edge, code: number): Promise<void> {
  await edge.flush();
  process.exit(code);
}
