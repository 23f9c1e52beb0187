import type { Edge } from "../edge.ts";
import { printable } from "../printable.ts";
import { shownVariables } from "../settings/aws-variables.ts";
import type { Resolved } from "../settings/resolve.ts";
import { shownSettings } from "../settings/shown.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { loadForStart } from "./start-settings.ts";

/** Validates the settings, and the profiles that they name, without touching upstream or a port. */
export async function check(args: readonly string[], edge: Edge): Promise<ExitCode> {
  const loaded = await loadForStart("check", args, edge);
  if (loaded.kind === "problems") return exitCodes.badSettings;
  edge.print(settingsText(loaded));
  for (const { code, message } of loaded.cautions) edge.print(`${code}: ${printable(message)}\n`);
  edge.print("The settings are valid.\n");
  return exitCodes.ok;
}

/** Lists every setting that has a value, with its source, and the AWS and proxy variables that are set. */
export function settingsText(resolved: Resolved): string {
  const settings = shownSettings(resolved).filter(({ source }) => source !== "unset");
  const variables = shownVariables(resolved.aws).map(({ name, value }) => ({ variable: name, value, source: "" }));
  const rows = [...settings, ...variables];
  const widest = (column: "variable" | "value") => Math.max(...rows.map((row) => row[column].length));
  const widths = { variable: widest("variable"), value: Math.min(widest("value"), 40) };
  return rows
    .map(({ variable, value, source }) =>
      printable(`${variable.padEnd(widths.variable)}  ${value.padEnd(widths.value)}  ${source}`.trimEnd()),
    )
    .map((line) => `${line}\n`)
    .join("");
}
