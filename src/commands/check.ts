import type { Edge } from "../edge.ts";
import type { Resolved } from "../settings/resolve.ts";
import { shownSettings } from "../settings/shown.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { loadSettings } from "./settings.ts";

/** Validates the settings without touching upstream or a port. */
export function check(args: readonly string[], edge: Edge): ExitCode {
  const loaded = loadSettings("check", args, edge);
  if (loaded.kind === "problems") return exitCodes.badSettings;
  edge.print(settingsText(loaded));
  for (const { code, message } of loaded.cautions) edge.print(`${code}: ${message}\n`);
  edge.print("The settings are valid.\n");
  return exitCodes.ok;
}

/** Lists every setting with its value and the source of that value. */
export function settingsText(resolved: Resolved): string {
  const rows = shownSettings(resolved);
  const widest = (column: "variable" | "value") => Math.max(...rows.map((row) => row[column].length));
  const widths = { variable: widest("variable"), value: Math.min(widest("value"), 40) };
  return rows
    .map(
      ({ variable, value, source }) =>
        `${variable.padEnd(widths.variable)}  ${value.padEnd(widths.value)}  ${source}\n`,
    )
    .join("");
}
