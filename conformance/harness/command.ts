/** The outermost frame of the programs of this folder. */
import { endWithSignals, stopAll } from "../processes.ts";
import { MissingToolError } from "./needs.ts";
import { UsageError } from "./options.ts";

/**
 * Runs the program with its arguments, and ends all that it started, whatever becomes of it. Exits with the status that
 * it returns; with 2 and the message alone when the command line is wrong or a tool is missing.
 */
export async function runCommand(
  main: (args: readonly string[]) => Promise<number>,
  tidyUp: () => Promise<void> = async () => {},
): Promise<void> {
  endWithSignals(tidyUp);
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof MissingToolError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  } finally {
    await stopAll();
  }
}
