#!/usr/bin/env node
import { type ExitCode, exitCodes } from "./commands/exit-codes.ts";
import { type Edge, processEdge } from "./edge.ts";

const HELP: readonly string[] = ["--help", "-h"];

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
    case "healthcheck":
      return (await import("./commands/healthcheck.ts")).healthcheck(rest, edge);
    case "--version":
      edge.print(`${(await import("./version.ts")).version}\n`);
      return exitCodes.ok;
    default:
      if (command.startsWith("-")) return run(["serve", command, ...rest], edge);
      edge.printError(
        `UnknownCommand: ${JSON.stringify(command)}; allowed: serve, check, doctor, healthcheck, --help, --version\n`,
      );
      return exitCodes.badSettings;
  }
}

/** One place in the program, as V8 writes it. */
const FRAME = /^ {4}at (?:[^"'`]+ \()?(?:file:|node:|\/)[^\s()]+:\d+:\d+\)?$/;

/** The frames only: a message could carry what a library was working on, and its lines may look like frames. */
function crash(edge: Edge, error: unknown): ExitCode {
  const { name, message, stack = "" } = error instanceof Error ? error : { name: typeof error, message: "" };
  const frames = stack
    .replace(message, "")
    .split("\n")
    .filter((line) => FRAME.test(line));
  edge.printError(`${JSON.stringify({ level: "error", code: "Crashed", error: name, frames })}\n`);
  return exitCodes.failure;
}

const edge = processEdge();
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error) => process.exit(crash(edge, error)));
}
process.exit(await run(process.argv.slice(2), edge).catch((error: unknown) => crash(edge, error)));
