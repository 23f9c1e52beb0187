import type { Edge } from "../edge.ts";
import { didYouMean } from "../nearest.ts";
import { completionScript } from "./completion/scripts.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { shells } from "./table.ts";

/** Prints what completes this command line in a shell. */
export function completion([typed = "", more]: readonly string[], edge: Edge): ExitCode {
  const shell = shells.find((name) => name === typed);
  if (shell !== undefined && more === undefined) {
    edge.print(completionScript(shell));
    return exitCodes.ok;
  }
  edge.printError(`${shell === undefined ? notAShell(typed) : "UnexpectedArgument: one shell at a time"}\n`);
  return exitCodes.badSettings;
}

function notAShell(typed: string): string {
  const allowed = `allowed: ${shells.join(", ")}`;
  if (typed === "") return `MissingValue: completion needs a shell; ${allowed}`;
  return `BadValue: ${JSON.stringify(typed)} is no shell that completion knows; ${allowed}${didYouMean(typed, shells)}`;
}
