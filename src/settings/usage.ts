/** What help says of the settings, and their table in docs/settings.md, both from the one table. Pure. */
import { environmentName, flagName, type SettingName, settingNames, settingOf } from "./table.ts";

/** A paragraph for each setting. */
export function settingsHelp(): string {
  return settingNames.map(helpRow).join("");
}

function helpRow(name: SettingName): string {
  const { meaning, allowed, default: fallback } = settingOf(name);
  const text = `${meaning.replaceAll("`", "")} Allowed: ${allowed}.${fallback === undefined ? "" : ` Default: ${fallback}.`}`;
  return `\n  ${flagName(name)}, ${environmentName(name)}\n${wrapped(text, 6)}`;
}

/** Lines of about a hundred characters, indented by so many blanks. */
export function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `${" ".repeat(indent)}${line}\n`).join("");
}

const WIDTH = 96;

/** The table in docs/settings.md, which `npm run generate` writes; a test fails when it is stale. */
export function settingsTable(): string {
  const rows = settingNames.map((name) => {
    const { meaning, allowed, default: fallback } = settingOf(name);
    const shortened = name === "client" ? "a name from the client table (`--help` lists them)" : allowed;
    const shown = fallback === undefined ? "–" : `\`${fallback}\``;
    return [`\`${environmentName(name)}\``, shown, `${meaning} Allowed: ${shortened}.`];
  });
  const head = ["variable", "default", "meaning"];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width) => "-".repeat(width));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [head, rule, ...rows].map(line).join("\n");
}
