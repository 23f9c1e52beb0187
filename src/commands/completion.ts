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
  const meant = didYouMean(typed, shells);
  const what =
    shell === undefined ? `completion needs a shell; allowed: ${shells.join(", ")}${meant}` : "one shell at a time";
  edge.printError(`${shell === undefined ? "MissingValue" : "UnexpectedArgument"}: ${what}\n`);
  return exitCodes.badSettings;
}
