import type { Edge } from "../edge.ts";
import { didYouMean } from "../nearest.ts";
import { declarableNames, findClient } from "../policy/clients.ts";
import { quoted, type SettingsProblem } from "../settings/problems.ts";
import type { Settings } from "../settings/table.ts";
import { clientLines, composeText, podText, shellText, type TokenAt } from "./env/lines.ts";
import { reachableAt } from "./exec/defaults.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { loadSettings, printProblems } from "./settings.ts";
import { places } from "./table.ts";

/** Prints the lines that let a client read from the sidecar with these settings. Never the token itself. */
export function env(args: readonly string[], edge: Edge): ExitCode {
  const [name = "", ...rest] = args[0]?.startsWith("-") ? ["", ...args] : args;
  const loaded = loadSettings("env", rest, edge);
  const place = (loaded.kind === "ok" ? loaded.own.get("for") : undefined) ?? "shell";
  const client = findClient(name);
  const problems = [...(client === undefined ? [unknownClient(name)] : []), ...placeProblems(place)];
  printProblems(problems, edge);
  if (loaded.kind === "problems" || problems.length > 0 || client === undefined) return exitCodes.badSettings;
  const token = tokenAt(loaded.settings);
  const lines = clientLines({ name, client, address: reachableAt(loaded.settings.listen), token });
  const write = { shell: () => shellText(lines, token), pod: () => podText(lines), compose: () => composeText(lines) };
  edge.print(write[place as keyof typeof write]());
  return exitCodes.ok;
}

function unknownClient(name: string): SettingsProblem {
  if (name === "") return { code: "MissingValue", message: "env needs the name of a client, such as: env boto3" };
  const meant = didYouMean(name, declarableNames) || `; allowed: ${declarableNames.join(", ")}`;
  return { code: "BadValue", message: `${quoted(name)} is no client of the table${meant}` };
}

function placeProblems(place: string): readonly SettingsProblem[] {
  if (places.some((one) => one === place)) return [];
  return [{ code: "BadValue", message: `--for: ${quoted(place)} is not allowed; allowed: ${places.join(", ")}` }];
}

function tokenAt({ "auth-token": token, "auth-token-file": path }: Settings): TokenAt {
  if (path !== undefined) return { kind: "file", path };
  return token === undefined ? { kind: "none" } : { kind: "variable" };
}
