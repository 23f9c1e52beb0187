/** The log for people: pino's JSON lines, each as a line of text. Pure but for the time zone. */
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
  const colour = COLOURS[level as keyof typeof COLOURS] ?? "green";
  const facts = Object.entries(line).filter(([name, value]) => !SHOWN_ELSEWHERE.includes(name) && isSomething(value));
  const shown = facts.map(([name, value]) => `${name} ${showValue(value)}`).join(", ");
  const text = `${paint("bold", String(code))} ${msg}`;
  return `${paint("dim", clockTime(String(time)))} ${paint(colour, String(level).padEnd(5))} ${text}${shown && paint("dim", ` (${shown})`)}`;
}

/** The local time of day. */
function clockTime(instant: string): string {
  return new Date(instant).toTimeString().slice(0, 8);
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

function showValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(showValue).join(" ");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([name, inner]) => `${name}=${showValue(inner)}`)
      .join(" ");
  }
  // A terminal would obey control characters, and a line break would make two lines of one.
  const text = String(value).replace(/\p{Cc}/gu, "�");
  return INSTANT.test(text) ? clockTime(text) : text;
}

function isSomething(value: unknown): boolean {
  if (value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
