/** Reads the settings: a flag wins over the environment, which wins over the default. Reports all problems at once. Pure. */
import type { Env } from "../edge.ts";
import { didYouMean } from "../nearest.ts";
import { type AwsVariables, readAwsVariables } from "./aws-variables.ts";
import { readFlags, settingNear } from "./flags.ts";
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
  | {
      readonly kind: "problems";
      readonly problems: readonly SettingsProblem[];
      /** The settings that could be read; the defaults for the others. */
      readonly readable: Resolved;
      /** Settings whose value is not known: it is not allowed, or a misspelt flag or variable was meant for them. */
      readonly unread: readonly SettingName[];
    };

/** So many words are read at a glance. */
const FEW = 4;
/** In characters. */
const LONG_LIST = 300;

/** What Kubernetes adds to every pod for a Service called `sidecar` or `sidecar-…` (docker-links variables). */
const SERVICE_LINK =
  /_SERVICE_HOST$|_SERVICE_PORT(?:_\w+)?$|_PORT$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/;

/**
 * Reads every setting from `args` (flags only) and `env`. An empty variable counts as unset, as it does for the SDKs.
 * `ownFlags` are the names of those that the command has beside the settings.
 */
export function resolveSettings(args: readonly string[], env: Env, ownFlags: readonly string[] = []): Resolution {
  const flags = readFlags(args, ownFlags);
  const unknown = unknownVariables(env);
  const problems: SettingsProblem[] = [...flags.problems, ...unknown.map(unknownVariable)];
  const unread: SettingName[] = [...flags.missed, ...unknown.flatMap((name) => settingNear(name))];
  const values: Partial<Record<SettingName, unknown>> = {};
  const sources: Partial<Record<SettingName, Source>> = {};
  for (const name of settingNames) {
    const { text, source } = find(name, flags.given, env);
    sources[name] = source;
    const value = text === undefined ? undefined : readValue(name, text);
    values[name] = value ?? defaultOf(name);
    if (text === undefined || value !== undefined) continue;
    problems.push(badValue(settingOf(name), text, source));
    unread.push(name);
  }
  const readable = { settings: values as Settings, sources: sources as Sources, aws: readAwsVariables(env) };
  return problems.length > 0 ? { kind: "problems", problems, readable, unread } : { kind: "ok", ...readable };
}

function readValue(name: SettingName, text: string): unknown {
  const read = settingOf(name).kind.read(text);
  return read.kind === "ok" ? read.value : undefined;
}

function defaultOf(name: SettingName): unknown {
  const { default: text } = settingOf(name);
  return text === undefined ? undefined : readValue(name, text);
}

function unknownVariables(env: Env): readonly string[] {
  const known = new Set(settingNames.map(environmentName));
  return Object.keys(env)
    .filter((name) => name.startsWith("SIDECAR_") && !known.has(name) && !SERVICE_LINK.test(name))
    .sort();
}

function unknownVariable(name: string): SettingsProblem {
  const meant = didYouMean(name.slice("SIDECAR_".length), settingNames.map(bareName)).replace("mean ", "mean SIDECAR_");
  return { code: "UnknownVariable", message: `unknown variable ${name}${meant || "; --help lists the variables"}` };
}

const bareName = (name: SettingName) => environmentName(name).slice("SIDECAR_".length);

function find(
  name: SettingName,
  flags: ReadonlyMap<string, string>,
  env: Env,
): { text: string | undefined; source: Source } {
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
  if (setting.secret)
    return { code: "BadValue", message: `${where}: its value is not allowed; allowed: ${setting.allowed}` };
  const { known = [] } = setting.kind;
  const meant = known.length > FEW ? didYouMean(text, known) : "";
  // With the right word at hand, nobody reads a list of a hundred others.
  const allowed = meant !== "" && setting.allowed.length > LONG_LIST ? "" : `; allowed: ${setting.allowed}`;
  return { code: "BadValue", message: `${where}: ${quoted(text)} is not allowed${allowed}${meant}` };
}

/** The source of a value: a flag's or variable's name, `default` or `unset`. */
export function showSource(source: Source): string {
  return "name" in source ? source.name : source.kind;
}
