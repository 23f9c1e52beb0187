/** What may stand where on the command line, from the tables of commands and settings. Pure. */
import { declarableNames } from "../../policy/clients.ts";
import { flagName, settingNames, settingOf } from "../../settings/table.ts";
import { type CommandName, commandNames, commandRow, shells } from "../table.ts";

export interface Flag {
  /** With its two dashes. */
  readonly flag: string;
  readonly meaning: string;
  /** Undefined for a switch. The values that are known; none where any text is allowed. */
  readonly values: readonly string[] | undefined;
  readonly isPath: boolean;
}

export interface Command {
  readonly name: CommandName;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** The words that may follow it. */
  readonly words: readonly string[];
}

export const settingFlags: readonly Flag[] = settingNames.map((name) => {
  const { meaning, kind } = settingOf(name);
  const [sentence = ""] = meaning.replaceAll("`", "").split(/(?<=[.:])\s/);
  return { flag: flagName(name), meaning: sentence, values: kind.known ?? [], isPath: name.endsWith("-file") };
});

export const completedCommands: readonly Command[] = commandNames.map((name) => {
  const { summary, flags, settings, words } = commandRow(name);
  const own = Object.entries(flags).map(([flag, { meaning, value, values = [] }]) => ({
    flag: `--${flag}`,
    meaning,
    values: value === undefined ? undefined : values,
    isPath: false,
  }));
  return {
    name,
    summary,
    flags: [...own, ...(settings === "all" ? settingFlags : [])],
    words: { commands: commandNames, clients: declarableNames, shells, none: [] }[words ?? "none"],
  };
});
