/** `help` and `version`. */
import type { Edge } from "../edge.ts";
import { didYouMean } from "../nearest.ts";
import { quoted } from "../settings/problems.ts";
import { version } from "../version.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { commandHelp, helpText } from "./help.ts";
import { commandNames, findCommand } from "./table.ts";

/** Prints the help, or that of the command that `args` name. */
export function help([typed, ...more]: readonly string[], edge: Edge): ExitCode {
  if (more.length > 0) return unexpected(more[0] ?? "", edge);
  if (typed === undefined) {
    edge.print(helpText());
    return exitCodes.ok;
  }
  const name = findCommand(typed);
  if (name === undefined) {
    const meant = didYouMean(typed, commandNames) || `; allowed: ${commandNames.join(", ")}`;
    edge.printError(`UnknownCommand: ${quoted(typed)}${meant}\n`);
    return exitCodes.badSettings;
  }
  edge.print(commandHelp(name));
  return exitCodes.ok;
}

export function printVersion([more]: readonly string[], edge: Edge): ExitCode {
  if (more !== undefined) return unexpected(more, edge);
  edge.print(`${version}\n`);
  return exitCodes.ok;
}

function unexpected(argument: string, { printError }: Edge): ExitCode {
  printError(`UnexpectedArgument: unexpected argument ${quoted(argument)}\n`);
  return exitCodes.badSettings;
}
