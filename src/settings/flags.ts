/** Reads settings from flags. Pure. */
import { parseArgs } from "node:util";
import { didYouMean, nearest } from "../nearest.ts";
import { quoted, type SettingsProblem } from "./problems.ts";
import { flagName, type SettingName, settingNames } from "./table.ts";

export interface Flags {
  readonly given: ReadonlyMap<string, string>;
  readonly problems: readonly SettingsProblem[];
  /** Settings that a flag was probably meant to give, but does not. */
  readonly missed: readonly SettingName[];
}

/** `own` are the flags that the command has beside the settings, for "did you mean". */
export function readFlags(args: readonly string[], own: readonly string[]): Flags {
  const given = new Map<string, string>();
  const missed: SettingName[] = [];
  const options = Object.fromEntries(settingNames.map((name) => [name, { type: "string" as const }]));
  // parseArgs would take a single dash for a bundle of one-letter flags, and a value behind it for more of them.
  const [short, long] = [args.filter(isShort), args.filter((arg) => !isShort(arg))];
  const problems: SettingsProblem[] = short.map((arg) => ({
    code: "UnknownFlag",
    message: `unknown flag ${arg.slice(0, 2)}…; flags begin with two dashes`,
  }));
  const { tokens } = parseArgs({ args: long, options, strict: false, allowPositionals: true, tokens: true });
  let lastFlag = short[0]?.slice(0, 2);
  for (const token of tokens) {
    if (token.kind === "positional") problems.push(unexpectedArgument(token.value, lastFlag));
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    lastFlag = rawName;
    if (!Object.hasOwn(options, name)) problems.push(unknownFlag(rawName, own));
    else if (!value) problems.push({ code: "MissingValue", message: `flag ${rawName} needs a value` });
    else given.set(name, value);
    if (!given.has(name)) missed.push(...settingNear(name));
  }
  return { given, problems, missed };
}

const isShort = (arg: string) => /^-[^-]/.test(arg);

/** The setting that a flag's or variable's name without its prefix was probably meant for. */
export function settingNear(name: string): readonly SettingName[] {
  const near = nearest(withoutPrefix(name), settingNames);
  return settingNames.filter((setting) => setting === near);
}

function withoutPrefix(name: string): string {
  return name.replace(/^(?:no|sidecar)[-_]/i, "");
}

function unknownFlag(flag: string, own: readonly string[]): SettingsProblem {
  const known = [...own.map((name) => `--${name}`), ...settingNames.map(flagName)];
  const meant = didYouMean(`--${withoutPrefix(flag.slice(2))}`, known) || "; --help lists the flags";
  return { code: "UnknownFlag", message: `unknown flag ${flag}${meant}` };
}

/** An argument after a flag is not shown: it may be the value of a misspelt flag, and a secret. */
function unexpectedArgument(argument: string, lastFlag: string | undefined): SettingsProblem {
  const shown = lastFlag === undefined ? quoted(argument) : `after ${lastFlag}`;
  return { code: "UnexpectedArgument", message: `unexpected argument ${shown}` };
}
