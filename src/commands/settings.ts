/** Loads the settings for every command, or reports every problem with them. */
import type { Edge } from "../edge.ts";
import { crossCheck } from "../settings/crosscheck.ts";
import type { Caution, SettingsProblem } from "../settings/problems.ts";
import { type Resolved, resolveSettings } from "../settings/resolve.ts";

export interface Loaded extends Resolved {
  readonly kind: "ok";
  readonly cautions: readonly Caution[];
}

/** Resolves and cross-checks; prints every problem as a line of its own on standard error. */
export function loadSettings(args: readonly string[], edge: Edge): Loaded | { readonly kind: "problems" } {
  const resolution = resolveSettings(args, edge.env);
  const checked = resolution.kind === "ok" ? crossCheck(resolution) : resolution;
  printProblems(checked.problems, edge);
  if (resolution.kind === "problems" || checked.problems.length > 0) return { kind: "problems" };
  return { ...resolution, cautions: "cautions" in checked ? checked.cautions : [] };
}

/** Prints each problem as a line on standard error. */
export function printProblems(problems: readonly SettingsProblem[], edge: Edge): void {
  for (const { code, message } of problems) edge.printError(`${code}: ${message}\n`);
}
