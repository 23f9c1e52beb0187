/** The flags that a command has beside the settings. Pure. */
import type { SettingsProblem } from "../settings/problems.ts";
import type { OwnFlag } from "./table.ts";

export interface OwnFlags {
  /** By name without dashes; a switch has the value `""`. */
  readonly given: ReadonlyMap<string, string>;
  /** The arguments that are not this command's own. */
  readonly rest: readonly string[];
  readonly problems: readonly SettingsProblem[];
}

/** Takes `flags` out of `args`: `--name value`, `--name=value`, and `--name` for a switch. */
export function takeOwnFlags(args: readonly string[], flags: Readonly<Record<string, OwnFlag>>): OwnFlags {
  const given = new Map<string, string>();
  const rest: string[] = [];
  const problems: SettingsProblem[] = [];
  const left = [...args];
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    const [, name = "", inline] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) {
      rest.push(arg);
      continue;
    }
    const value = flag.value === undefined ? switchValue(name, inline) : flagValue(name, inline, left);
    if (typeof value === "string") given.set(name, value);
    else problems.push(value);
  }
  return { given, rest, problems };
}

function switchValue(name: string, inline: string | undefined): string | SettingsProblem {
  return inline === undefined ? "" : { code: "UnexpectedArgument", message: `flag --${name} takes no value` };
}

/** Takes the value out of `left` where it is a word of its own. */
function flagValue(name: string, inline: string | undefined, left: string[]): string | SettingsProblem {
  const value = inline ?? (left[0]?.startsWith("--") ? undefined : left.shift());
  return value || { code: "MissingValue", message: `flag --${name} needs a value` };
}
