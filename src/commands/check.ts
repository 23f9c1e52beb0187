import type { Edge } from "../edge.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { inForce } from "../settings/crosscheck.ts";
import { type Resolved, showSource } from "../settings/resolve.ts";
import { environmentName, settingNames, showSetting } from "../settings/table.ts";
import { loadSettings } from "./settings.ts";

/** Validates the settings without touching upstream or a port. */
export function check(args: readonly string[], edge: Edge): ExitCode {
  const loaded = loadSettings(args, edge);
  if (loaded.kind === "problems") return exitCodes.badSettings;
  edge.print(settingsText(loaded));
  for (const { code, message } of loaded.cautions) edge.print(`${code}: ${message}\n`);
  edge.print("The settings are valid.\n");
  return exitCodes.ok;
}

/** Every setting with its value and where that came from. */
export function settingsText(resolved: Resolved): string {
  const { sources } = resolved;
  const settings = inForce(resolved);
  const rows = settingNames.map((name) => [
    environmentName(name),
    showSetting(name, settings[name]),
    showSource(sources[name]),
  ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      ([name = "", value = "", source]) =>
        `${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(Math.min(widths[1] ?? 0, 40))}  ${source}\n`,
    )
    .join("");
}
