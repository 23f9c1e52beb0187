/** What `doctor` says, for people and for programs. Pure. */
import type { styleText } from "node:util";
import type { Problem, Resolved } from "../../settings/resolve.ts";
import { shownSettings } from "../../settings/shown.ts";
import { settingsText } from "../check.ts";
import type { Finding, Severity } from "./finding.ts";
import { wordsOf } from "./words.ts";

export interface Report {
  /** Whether the findings are about the running sidecar, or the settings that one would start with. */
  readonly about: "running" | "settings";
  /** Undefined when they cannot be read. */
  readonly resolved: Resolved | undefined;
  /** Why no sidecar would start. */
  readonly problems: readonly Problem[];
  readonly findings: readonly Finding[];
}

/** Colours text, or gives it back as it is. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** Whether nothing is wrong; advice is nothing wrong. */
export function isWell({ problems, findings }: Report): boolean {
  return problems.length === 0 && findings.every(({ severity }) => severity !== "wrong");
}

const marks: Readonly<Record<Severity, readonly [word: string, format: Parameters<Paint>[0]]>> = {
  ok: ["ok     ", "green"],
  wrong: ["WRONG  ", ["bold", "red"]],
  advice: ["advice ", "yellow"],
};

/** The settings, a line for each finding, what to do and what to write below it, and how it all comes out. */
export function reportText(report: Report, paint: Paint): string {
  const settings = report.resolved === undefined ? "" : `${settingsText(report.resolved)}\n`;
  const wrong = report.findings.filter(({ severity }) => severity === "wrong").length;
  const end = wrong === 0 ? paint("green", "All well.") : paint(["bold", "red"], `Wrong: ${wrong}.`);
  return `${settings}${report.findings.map((finding) => findingText(finding, paint)).join("")}\n${end}\n`;
}

const INDENT = " ".repeat(7);

function findingText(finding: Finding, paint: Paint): string {
  const { text, remedy, line } = wordsOf(finding);
  const [word, format] = marks[finding.severity];
  const rows = [paint(format, word) + printable(text)];
  if (remedy !== undefined) rows.push(`${INDENT}to do: ${printable(remedy)}`);
  if (line !== undefined) rows.push(`${INDENT}write: ${paint("bold", printable(line))}`);
  return rows.map((row) => `${row}\n`).join("");
}

/** A status, a path or a variable may hold what a terminal would obey. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "�");
}

/**
 * One document:
 * `schema`    1; raised when a field or a code changes its meaning or goes away, not when one is added
 * `about`     `running` or `settings`
 * `ok`        whether nothing is wrong, as the exit status says
 * `settings`  by variable: `value` as a user would write it, a secret only as `set`, and `source`
 * `problems`  why no sidecar would start: `code` and `message`
 * `findings`  each with `code`, `severity` (`ok`, `advice`, `wrong`), the facts of its code (`finding.ts`), `text` for
 *             people and, where there is one, `cure` (what to do) and `line` (what to write)
 */
export function reportJson(report: Report): string {
  const { about, resolved, problems, findings } = report;
  const rows = resolved === undefined ? [] : shownSettings(resolved);
  const settings = Object.fromEntries(rows.map(({ variable, ...shown }) => [variable, shown]));
  const reported = findings.map((finding) => ({ ...finding, ...wordsOf(finding) }));
  return `${JSON.stringify({ schema: 1, about, ok: isWell(report), settings, problems, findings: reported }, undefined, 2)}\n`;
}
