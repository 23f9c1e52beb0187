/** The form of the scenarios in test/scenarios, read strictly: a typo in a key must not make a step say nothing. */
import type { Callers } from "../../src/policy/retry-schedule.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";

export interface Scenario {
  readonly name: string;
  readonly why?: string;
  readonly given: Given;
  readonly steps: readonly Step[];
}

export interface Given {
  readonly lifetime?: string;
  readonly minimumLifetime?: string;
  readonly margin?: string;
  readonly padding?: "auto" | "off";
  readonly client?: string;
  readonly random?: number | readonly number[];
  readonly callers?: Callers;
}

export interface Step {
  readonly why?: string;
  readonly read?: string;
  readonly agent?: string;
  readonly advance?: string;
  readonly jump?: string;
  readonly "upstream answers"?: UpstreamAnswer;
  readonly "late answer"?: UpstreamAnswer;
  readonly "upstream fails"?: UpstreamError;
  readonly expected?: Expected;
}

export interface UpstreamAnswer {
  readonly credentials: string;
  readonly lifetime?: string;
  readonly "key of"?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface UpstreamError {
  readonly name?: string;
  readonly code?: string;
  readonly status?: number;
}

export interface ExpectedAnswer {
  readonly status?: number;
  readonly credentials?: string;
  readonly reported?: string;
  readonly text?: string;
  readonly code?: string;
}

export interface Expected extends ExpectedAnswer {
  readonly waits?: true;
  readonly calls?: number;
  readonly outcome?: string;
  readonly "next call in"?: string;
  readonly answers?: readonly ExpectedAnswer[];
  readonly events?: readonly ("expired" | "recovered")[];
}

const ACTIONS = ["read", "advance", "jump", "upstream answers", "late answer", "upstream fails"];
const ANSWER = ["status", "credentials", "reported", "text", "code"];

/** The scenarios of one file. Throws, saying where, when the file has anything in it that has no meaning. */
export function readScenarios(file: unknown): readonly Scenario[] {
  const { scenarios } = keysOf(file, "the file", ["about", "scenarios"], []);
  const list = listOf(scenarios, "scenarios");
  for (const scenario of list) checkScenario(scenario);
  return list as readonly Scenario[];
}

function checkScenario(given: unknown): void {
  const { name, given: settings, steps } = keysOf(given, "a scenario", ["name", "given", "steps"], ["why"]);
  const where = `"${name}"`;
  keysOf(
    settings,
    `${where}, given`,
    [],
    ["lifetime", "minimumLifetime", "margin", "padding", "client", "random", "callers"],
  );
  for (const [index, step] of listOf(steps, where).entries()) checkStep(step, `${where}, step ${index + 1}`);
}

function checkStep(given: unknown, where: string): void {
  const step = keysOf(given, where, [], [...ACTIONS, "agent", "why", "expected"]);
  const actions = ACTIONS.filter((action) => action in step);
  if (actions.length !== 1) throw new Error(`${where} must do one thing of: ${ACTIONS.join(", ")}`);
  const [action = ""] = actions;
  if ("agent" in step && action !== "read") throw new Error(`${where}: only a read has an agent`);
  if (action === "upstream fails") keysOf(step[action], where, [], ["name", "code", "status"]);
  if (action === "upstream answers" || action === "late answer") checkUpstreamAnswer(step[action], where);
  if ("expected" in step) checkExpected(step.expected, where, action === "read");
  else if (action === "read") throw new Error(`${where}: a read needs an expectation`);
}

function checkUpstreamAnswer(given: unknown, where: string): void {
  const { fields = {} } = keysOf(given, where, ["credentials"], ["lifetime", "key of", "fields"]);
  keysOf(fields, where, [], ["accessKeyId", "secretAccessKey", "sessionToken", "expiration", "accountId", "roleName"]);
}

function checkExpected(given: unknown, where: string, isRead: boolean): void {
  const of = `${where}, expected`;
  const expected = keysOf(
    given,
    of,
    [],
    ["calls", "outcome", "next call in", "answers", "events", ...(isRead ? ["waits", ...ANSWER] : [])],
  );
  if ("outcome" in expected !== "next call in" in expected)
    throw new Error(`${of}: an outcome and the next call go together`);
  if (isRead && "waits" in expected === "status" in expected)
    throw new Error(`${of}: a read either waits or is answered`);
  for (const answer of listOf(expected.answers ?? [], of)) keysOf(answer, of, ["status"], ANSWER);
}

function keysOf(
  given: unknown,
  where: string,
  required: readonly string[],
  optional: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw new Error(`${where} is no object`);
  const unknown = Object.keys(given).filter((key) => !required.includes(key) && !optional.includes(key));
  if (unknown.length > 0) throw new Error(`${where} has what means nothing: ${unknown.join(", ")}`);
  const missing = required.filter((key) => !(key in given));
  if (missing.length > 0) throw new Error(`${where} lacks: ${missing.join(", ")}`);
  return given as Readonly<Record<string, unknown>>;
}

function listOf(given: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(given)) throw new Error(`${where} is no list`);
  return given;
}

const UNITS: Readonly<Record<string, number>> = { h: HOUR, m: MINUTE, s: SECOND, ms: 1 };

/** `1h30m`, `58m59s200ms`, `199.8ms`, in ms. Throws at anything else. */
export function readDuration(text: string): number {
  if (!/^(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:[\d.]+ms)?$/.test(text) || text === "") throw new Error(`no duration: ${text}`);
  const parts = [...text.matchAll(/([\d.]+)(ms|[hms])/g)];
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNITS[unit] ?? Number.NaN), 0);
}

/** The one way in which {@link readDuration}'s text is written; to a thousandth of a millisecond. */
export function showDuration(ms: number): string {
  if (ms < 0) return `-${showDuration(-ms)}`;
  let left = Math.round(ms * 1_000) / 1_000;
  let text = "";
  for (const [unit, size] of Object.entries(UNITS)) {
    const count = unit === "ms" ? Math.round(left * 1_000) / 1_000 : Math.floor(left / size);
    left -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text || "0s";
}
