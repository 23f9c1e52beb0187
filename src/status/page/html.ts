/** HTML in which every text is escaped unless it is HTML made here. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: texts are escaped, lists are joined, `undefined` is left out. */
export type Part = Html | string | number | undefined | readonly Part[];

/** A template whose values cannot leave the place that they are put in: element content or a quoted attribute. */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(fixed.map((text, index) => text + (index < parts.length ? show(parts[index]) : "")).join(""));
}

function show(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(show).join("");
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
