/** Markdown, as text. Pure. */
import { stripVTControlCharacters } from "node:util";

/** An error's text may hold what Markdown takes for a table or for HTML, and the colours of a terminal. */
export function escaped(text: string): string {
  return stripVTControlCharacters(text).replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll(/\s+/g, " ");
}

/** A table in Markdown. */
export function table(headings: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [row(headings), row(headings.map(() => "---")), ...lines.map(row)].join("\n");
}

/** The text with what is between `<!-- name -->` and `<!-- /name -->` replaced; unchanged without these marks. */
export function between(name: string, text: string, replacement: string): string {
  const marks = new RegExp(`(?<=<!-- ${name} -->\\n)[\\s\\S]*(?=<!-- /${name} -->)`);
  return text.replace(marks, () => `${replacement}\n`);
}
