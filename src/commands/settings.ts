/** Loads the settings for every command, or reports every problem with them. */
import type { Edge } from "../edge.ts";
import { printable } from "../printable.ts";
import { checkAll } from "../settings/crosscheck.ts";
import type { Caution, SettingsProblem } from "../settings/problems.ts";
import { type Resolved, resolveSettings } from "../settings/resolve.ts";
import { takeOwnFlags } from "./own-flags.ts";
import { type CommandName, commandRow } from "./table.ts";

export interface Loaded extends Resolved {
  readonly kind: "ok";
  readonly cautions: readonly Caution[];
  /** The command's own flags, by name; a switch has the value `""`. */
  readonly own: ReadonlyMap<string, string>;
}

export type Loading = Loaded | { readonly kind: "problems"; readonly problems: readonly SettingsProblem[] };

/** Resolves and cross-checks the settings, and takes the command's own flags. */
export function readSettings(command: CommandName, args: readonly string[], env: Edge["env"]): Loading {
  const { flags } = commandRow(command);
  const own = takeOwnFlags(args, flags);
  const resolution = resolveSettings(own.rest, env, Object.keys(flags));
  const checked = checkAll(resolution);
  const problems = [...own.problems, ...checked.problems];
  if (resolution.kind === "problems" || problems.length > 0) return { kind: "problems", problems };
  return { ...resolution, cautions: checked.cautions, own: own.given };
}

/** As {@link readSettings}; prints every problem as a line of its own on standard error. */
export function loadSettings(
  command: CommandName,
  args: readonly string[],
  { env, printError }: Pick<Edge, "env" | "printError">,
): Loading {
  const loading = readSettings(command, args, env);
  if (loading.kind === "problems") printProblems(loading.problems, { printError });
  return loading;
}

/** Prints each problem as a line on standard error. */
export function printProblems(problems: readonly SettingsProblem[], { printError }: Pick<Edge, "printError">): void {
  for (const { code, message } of problems) printError(`${code}: ${printable(message)}\n`);
}
