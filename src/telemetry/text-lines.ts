/**
 * The log for people: pino's JSON lines, each as a line of text. pino-pretty would take 12 MB of memory for it, this takes
 * less than 1 (resident, measured). Pure but for the time zone.
 */
import { printable } from "../printable.ts";
import type { LogSink } from "./log.ts";

/** Colours text, or gives it back as it is. */
export type Paint = (format: "red" | "yellow" | "green" | "dim" | "bold", text: string) => string;

const COLOURS = { error: "red", warn: "yellow", info: "green" } as const;

/** What stands at the front of the line, or says nothing to people. */
const SHOWN_ELSEWHERE: readonly string[] = ["level", "time", "code", "msg"];

/**
 * `12:30:05 warn  RefreshFailed  failed to refresh the credentials (class denied, …)`: local time, the code that
 * docs/operations.md explains, and the facts.
 */
export function textLines(write: (line: string) => void, paint: Paint): LogSink {
  return { write: (json) => write(`${textLine(JSON.parse(json), paint)}\n`) };
}

function textLine(line: Readonly<Record<string, unknown>>, paint: Paint): string {
  const { level, time, code, msg } = line;
  const now = new Date(String(time));
  const colour = COLOURS[level as keyof typeof COLOURS] ?? "green";
  const facts = Object.entries(line).filter(([name, value]) => !SHOWN_ELSEWHERE.includes(name) && isSomething(value));
  const shown = facts.map(([name, value]) => `${name} ${showValue(value, now)}`).join(", ");
  const head = `${paint("dim", clockTime(now))} ${paint(colour, String(level).padEnd(5))} ${paint("bold", String(code))}`;
  return `${head} ${msg}${shown === "" ? "" : paint("dim", ` (${shown})`)}`;
}

/** The local time of day. */
function clockTime(at: Date): string {
  return at.toTimeString().slice(0, 8);
}

/** The local date, as `2026-01-31`. */
function day(at: Date): string {
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

function showValue(value: unknown, now: Date): string {
  if (Array.isArray(value)) return value.map((item) => showValue(item, now)).join(" ");
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value);
    return pairs.map(([name, inner]) => `${name}=${showValue(inner, now)}`).join(" ");
  }
  const text = printable(String(value));
  return INSTANT.test(text) ? showInstant(new Date(text), now) : text;
}

function showInstant(at: Date, now: Date): string {
  return day(at) === day(now) ? clockTime(at) : `${day(at)} ${clockTime(at)}`;
}

function isSomething(value: unknown): boolean {
  if (value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
