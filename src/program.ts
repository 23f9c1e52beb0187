/** Runs the commands as a process, and handles failures that nothing else handles. */
import { type ExitCode, exitCodes } from "./commands/exit-codes.ts";
import { type Edge, processEdge } from "./edge.ts";
import { closeDiagnostics, forbiddenOptions } from "./process/diagnostics.ts";
import { describeFault } from "./process/faults.ts";

const HELP: readonly string[] = ["--help", "-h"];

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

/** Each command is loaded when it is asked for: `healthcheck` runs every few seconds and needs little of the rest. */
async function run(args: readonly string[], edge: Edge): Promise<ExitCode> {
  if (args.some((arg) => HELP.includes(arg))) {
    edge.print((await import("./settings/usage.ts")).helpText());
    return exitCodes.ok;
  }
  const [command = "serve", ...rest] = args;
  switch (command) {
    case "serve":
      return (await import("./commands/serve.ts")).serve(rest, edge);
    case "check":
      return (await import("./commands/check.ts")).check(rest, edge);
    case "doctor":
      return (await import("./commands/doctor.ts")).doctor(rest, edge);
    case "refresh":
      return (await import("./commands/refresh.ts")).refresh(rest, edge);
    case "healthcheck":
      return (await import("./commands/healthcheck.ts")).healthcheck(rest, edge);
    case "--version":
      edge.print(`${(await import("./version.ts")).version}\n`);
      return exitCodes.ok;
    default:
      if (command.startsWith("-")) return run(["serve", command, ...rest], edge);
      edge.printError(
        `UnknownCommand: ${JSON.stringify(command)}; allowed: serve, check, doctor, refresh, healthcheck, --help, --version\n`,
      );
      return exitCodes.badSettings;
  }
}

function crash(edge: Edge, error: unknown): ExitCode {
  printLine(edge, { level: "error", code: "Crashed", ...describeFault(error) });
  return exitCodes.failure;
}

function printLine(edge: Edge, line: object): void {
  edge.printError(`${JSON.stringify(line)}\n`);
}

async function exit(edge: Edge, code: ExitCode): Promise<void> {
  await edge.flush();
  process.exit(code);
}
