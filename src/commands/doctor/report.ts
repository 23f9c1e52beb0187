/** What `doctor` says, for people and for programs. Pure. */
import type { styleText } from "node:util";
import { printable } from "../../printable.ts";
import { shownVariables } from "../../settings/aws-variables.ts";
import type { SettingsProblem } from "../../settings/problems.ts";
import type { Resolved } from "../../settings/resolve.ts";
import { shownSettings } from "../../settings/shown.ts";
import { settingsText } from "../check.ts";
import type { Finding, Severity } from "./finding.ts";

export interface Report {
  /** What the findings are about: the running sidecar, or the settings that one would start with. */
  readonly about: "running" | "settings";
  /** Undefined when they cannot be read. */
  readonly resolved: Resolved | undefined;
  /** Why no sidecar would start. */
  readonly problems: readonly SettingsProblem[];
  readonly findings: readonly Finding[];
}

/** Colours text, or gives it back as it is. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** Counts the problems; advice does not count. */
export function problemCount(report: Report): number {
  return allFindings(report).filter(({ severity }) => severity === "problem").length;
}

/** A problem with the settings counts as a finding, unless a finding already says the same in more detail. */
function allFindings({ problems, findings }: Report): readonly Finding[] {
  const others = problems.filter(({ message }) => !findings.some(({ text }) => sameFault(message, text)));
  return [
    ...others.map(({ code, message: text }): Finding => ({ severity: "problem", code, facts: {}, text })),
    ...findings,
  ];
}

/** Compares the beginnings: both sentences start with the fault and continue with its consequences. */
function sameFault(message: string, text: string): boolean {
  return message.split(";")[0] === text.split(", which")[0];
}

const marks: Readonly<Record<Severity, readonly [word: string, format: Parameters<Paint>[0]]>> = {
  problem: ["PROBLEM  ", ["bold", "red"]],
  advice: ["advice   ", "yellow"],
  ok: ["ok       ", "green"],
};

/** Problems first, each with what to do and what to write; with `verbose`, the settings before them. */
export function reportText(report: Report, paint: Paint, { verbose }: { readonly verbose: boolean }): string {
  const settings = verbose && report.resolved !== undefined ? `${settingsText(report.resolved)}\n` : "";
  const findings = inOrder(allFindings(report)).map((finding) => findingText(finding, paint));
  return `${settings}${findings.join("")}\n${lastLine(problemCount(report), paint)}\n`;
}

function lastLine(problems: number, paint: Paint): string {
  if (problems === 0) return paint("green", "No problems found.");
  return paint(["bold", "red"], problems === 1 ? "1 problem found." : `${problems} problems found.`);
}

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return (Object.keys(marks) as Severity[]).flatMap((kind) => findings.filter(({ severity }) => severity === kind));
}

const INDENT = " ".repeat(9);

function findingText({ severity, text, remedy, line, command }: Finding, paint: Paint): string {
  const [word, format] = marks[severity];
  const rows = [paint(format, word) + printable(text)];
  if (remedy !== undefined) rows.push(`${INDENT}to do: ${printable(remedy)}`);
  if (line !== undefined) rows.push(`${INDENT}write: ${paint("bold", printable(line))}`);
  if (command !== undefined) rows.push(`${INDENT}run:   ${paint("bold", printable(command))}`);
  return rows.map((row) => `${row}\n`).join("");
}

/**
 * One document:
 * `schema`    1; raised when a field or a code changes its meaning or goes away, not when one is added
 * `about`     `running` or `settings`
 * `ok`        true when there are no problems, like the exit status 0
 * `settings`  by variable: `value` as a user would write it, a secret only as `set`, and `source`
 * `variables` the AWS and proxy variables that are set, a secret only as `set`, a URL without user and query
 * `problems`  why no sidecar would start: `code` and `message`
 * `findings`  each with `code`, `severity` (`problem`, `advice`, `ok`), the facts of its code, `text` for people and, where
 *             there is one, `remedy` (what to do), `line` (what to write) and `command` (what to run)
 */
export function reportJson(report: Report): string {
  const { about, resolved, problems } = report;
  const rows = resolved === undefined ? [] : shownSettings(resolved);
  const settings = Object.fromEntries(rows.map(({ variable, ...shown }) => [variable, shown]));
  const set = resolved === undefined ? [] : shownVariables(resolved.aws);
  const variables = Object.fromEntries(set.map(({ name, value }) => [name, value]));
  const findings = report.findings.map(({ facts, severity, code, ...words }) => ({
    severity,
    code,
    ...facts,
    ...words,
  }));
  const ok = problemCount(report) === 0;
  return `${JSON.stringify({ schema: 1, about, ok, settings, variables, problems, findings }, undefined, 2)}\n`;
}
