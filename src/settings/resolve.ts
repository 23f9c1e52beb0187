/** Reads the settings: a flag wins over the environment, which wins over the default. Reports all problems at once. Pure. */
import { parseArgs } from "node:util";
import { type AwsVariables, readAwsVariables } from "./aws-variables.ts";
import { quoted, type SettingsProblem } from "./problems.ts";
import type { AnySetting } from "./setting.ts";
import { environmentName, flagName, type SettingName, type Settings, settingNames, settingOf } from "./table.ts";

export type Source =
  | { readonly kind: "flag"; readonly name: string }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "default" }
  | { readonly kind: "unset" };

export type Sources = Readonly<Record<SettingName, Source>>;

export interface Resolved {
  readonly settings: Settings;
  readonly sources: Sources;
  readonly aws: AwsVariables;
}

export type Resolution =
  | ({ readonly kind: "ok" } & Resolved)
  | { readonly kind: "problems"; readonly problems: readonly SettingsProblem[] };

type Env = Readonly<Record<string, string | undefined>>;

/** What Kubernetes adds to every pod for a Service called `sidecar` or `sidecar-…` (docker-links variables). */
const SERVICE_LINK =
  /_SERVICE_HOST$|_SERVICE_PORT(?:_\w+)?$|_PORT$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/;

/** Reads every setting from `args` (flags only) and `env`. An empty variable counts as unset, as it does for the SDKs. */
export function resolveSettings(args: readonly string[], env: Env): Resolution {
  const flags = readFlags(args);
  const problems: SettingsProblem[] = [...flags.problems, ...unknownVariables(env)];
  const values: Partial<Record<SettingName, unknown>> = {};
  const sources: Partial<Record<SettingName, Source>> = {};
  for (const name of settingNames) {
    const { text, source } = find(name, flags.given, env);
    sources[name] = source;
    if (text === undefined) continue;
    const read = settingOf(name).kind.read(text);
    if (read.kind === "ok") values[name] = read.value;
    else problems.push(badValue(settingOf(name), text, source));
  }
  if (problems.length > 0) return { kind: "problems", problems };
  return { kind: "ok", settings: values as Settings, sources: sources as Sources, aws: readAwsVariables(env) };
}

interface Flags {
  readonly given: ReadonlyMap<string, string>;
  readonly problems: readonly SettingsProblem[];
}

function readFlags(args: readonly string[]): Flags {
  const given = new Map<string, string>();
  const problems: SettingsProblem[] = [];
  const options = Object.fromEntries(settingNames.map((name) => [name, { type: "string" as const }]));
  // parseArgs would take a single dash for a bundle of one-letter flags, and a value behind it for more of them.
  const [short, long] = [args.filter(isShort), args.filter((arg) => !isShort(arg))];
  for (const arg of short) {
    problems.push({ code: "UnknownFlag", message: `unknown flag ${arg.slice(0, 2)}…; flags begin with two dashes` });
  }
  const { tokens } = parseArgs({ args: long, options, strict: false, allowPositionals: true, tokens: true });
  let lastFlag = short[0]?.slice(0, 2);
  for (const token of tokens) {
    if (token.kind === "positional") problems.push(unexpectedArgument(token.value, lastFlag));
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    lastFlag = rawName;
    if (!Object.hasOwn(options, name)) {
      problems.push({ code: "UnknownFlag", message: `unknown flag ${rawName}; --help lists the flags` });
    } else if (value === undefined || value === "") {
      problems.push({ code: "MissingValue", message: `flag ${rawName} needs a value` });
    } else {
      given.set(name, value);
    }
  }
  return { given, problems };
}

const isShort = (arg: string) => /^-[^-]/.test(arg);

/** An argument after a flag is not shown: it may be the value of a misspelt flag, and a secret. */
function unexpectedArgument(argument: string, lastFlag: string | undefined): SettingsProblem {
  const shown = lastFlag === undefined ? JSON.stringify(argument) : `after ${lastFlag}`;
  return { code: "UnexpectedArgument", message: `unexpected argument ${shown}` };
}

function unknownVariables(env: Env): readonly SettingsProblem[] {
  const known = new Set(settingNames.map(environmentName));
  return Object.keys(env)
    .filter((name) => name.startsWith("SIDECAR_") && !known.has(name) && !SERVICE_LINK.test(name))
    .sort()
    .map((name) => ({ code: "UnknownVariable", message: `unknown variable ${name}; --help lists the variables` }));
}

function find(name: SettingName, flags: Flags["given"], env: Env): { text: string | undefined; source: Source } {
  const flag = flags.get(name);
  if (flag !== undefined) return { text: flag, source: { kind: "flag", name: flagName(name) } };
  const variable = env[environmentName(name)];
  if (variable !== undefined && variable !== "") {
    return { text: variable, source: { kind: "environment", name: environmentName(name) } };
  }
  const fallback = settingOf(name).default;
  return { text: fallback, source: { kind: fallback === undefined ? "unset" : "default" } };
}

function badValue(setting: AnySetting, text: string, source: Source): SettingsProblem {
  const where = "name" in source ? source.name : "default";
  const shown = setting.secret ? "its value" : quoted(text);
  return { code: "BadValue", message: `${where}: ${shown} is not allowed; allowed: ${setting.allowed}` };
}

/** The source of a value: a flag's or variable's name, `default` or `unset`. */
export function showSource(source: Source): string {
  return "name" in source ? source.name : source.kind;
}
