/** What can be wrong with settings, and how a message names a setting and its value. Pure. */
import { printable } from "../printable.ts";
import { environmentName, flagName, type SettingName } from "./table.ts";

/** An error in the settings: nothing starts with it. One line on standard error, and exit code 2. */
export interface SettingsProblem {
  readonly code: "BadValue" | "UnknownFlag" | "UnknownVariable" | "MissingValue" | "Conflict" | "UnexpectedArgument";
  readonly message: string;
}

/**
 * A combination of settings that works, but perhaps not as its author expects: the sidecar starts with it. It is logged
 * at start, and `check` and `doctor` print it.
 */
export interface Caution {
  readonly code: "MinimumLifetimeOutOfReach" | "TokenInArguments" | "RelativeUriWins";
  readonly message: string;
}

/** A setting in a message: its variable, then its flag. */
export function named(name: SettingName): string {
  return `${environmentName(name)} (${flagName(name)})`;
}

/** A value in a message: quoted, cut at 200 characters, and nothing that a terminal obeys. */
export function quoted(text: string): string {
  return printable(JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text));
}
