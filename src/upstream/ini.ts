/**
 * The dialect of `~/.aws/config` and `~/.aws/credentials`, as botocore reads it with Python's configparser. Pure.
 * What botocore refuses to read is refused here too: skipping it could leave a profile half configured.
 */

/** A value, or the indented settings below an empty one (`sts =` in a `services` section). */
export type Value = string | ReadonlyMap<string, string>;
export type Section = ReadonlyMap<string, Value>;

export class IniError extends Error {
  override readonly name = "IniError";
  /** The line at fault, counted from 1. */
  readonly line: number;

  constructor(line: number, fault: string) {
    super(`line ${line} ${fault}`);
    this.line = line;
  }
}

/** configparser's name for the section whose settings hold in every other one. */
const DEFAULTS = "DEFAULT";
/** Continuations of these are one value; any other indented `key = value` line is a setting of its own, as in every SDK but botocore. */
const MULTILINE = "credential_process";

/** The sections by their names as written, in order. Keys are lower-cased. Throws an `IniError`. */
export function parseIni(text: string): ReadonlyMap<string, Section> {
  const reader = new IniReader();
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  for (const [index, line] of lines.entries()) reader.read(line, index + 1);
  return reader.sections();
}

class IniReader {
  readonly #sections = new Map<string, Map<string, Value>>();
  #section: Map<string, Value> | undefined;
  #key: string | undefined;
  #indent = 0;

  read(line: string, number: number): void {
    const text = line.trim();
    if (text === "" || text.startsWith("#") || text.startsWith(";")) return;
    const indent = line.length - line.trimStart().length;
    if (indent > this.#indent && this.#continues(text)) return;
    this.#indent = indent;
    const name = /^\[([^\]]+)\]/.exec(text)?.[1];
    if (name === undefined) this.#readSetting(text, number);
    else this.#open(name, number);
  }

  sections(): ReadonlyMap<string, Section> {
    const defaults = this.#sections.get(DEFAULTS);
    if (defaults === undefined) return this.#sections;
    const named = [...this.#sections].filter(([name]) => name !== DEFAULTS);
    return new Map(named.map(([name, section]) => [name, new Map([...defaults, ...section])]));
  }

  #open(name: string, number: number): void {
    if (this.#sections.has(name)) throw new IniError(number, `opens the section [${name}] a second time`);
    this.#section = new Map();
    this.#key = undefined;
    this.#sections.set(name, this.#section);
  }

  #readSetting(text: string, number: number): void {
    const [, key, value = ""] = /^([^=:]*?)\s*[=:]\s*(.*)$/s.exec(text) ?? [];
    if (!key) throw new IniError(number, "is neither a [section] nor a setting (key = value)");
    if (this.#section === undefined) throw new IniError(number, "stands before the first [section]");
    this.#key = key.toLowerCase();
    if (this.#section.has(this.#key)) throw new IniError(number, `sets ${this.#key} a second time`);
    this.#section.set(this.#key, value);
  }

  /** Adds an indented line to the setting before it. False when the line does not belong to it. */
  #continues(text: string): boolean {
    if (this.#section === undefined || this.#key === undefined) return false;
    const before = this.#section.get(this.#key);
    const [, key, value = ""] = /^([^=]*?)\s*=\s*(.*)$/s.exec(text) ?? [];
    if (typeof before === "string" && before !== "") {
      if (this.#key !== MULTILINE && key !== undefined) return false;
      this.#section.set(this.#key, `${before} ${text}`);
      return true;
    }
    if (!key || this.#key === MULTILINE) this.#section.set(this.#key, text);
    else this.#section.set(this.#key, new Map([...(before instanceof Map ? before : []), [key.toLowerCase(), value]]));
    return true;
  }
}

/** The value of `key` without a comment behind it, as the SDKs read it; undefined when it is not set. */
export function textOf(section: Section | undefined, key: string): string | undefined {
  return withoutComment(wholeTextOf(section, key));
}

/** The value of `key` as it is written: a command line and a profile's name may hold ` #`. */
export function wholeTextOf(section: Section | undefined, key: string): string | undefined {
  const value = section?.get(key);
  return typeof value === "string" ? value : undefined;
}

/** The value of `key` in the indented settings below `parent`. */
export function nestedTextOf(section: Section | undefined, parent: string, key: string): string | undefined {
  const nested = section?.get(parent);
  return typeof nested === "object" ? withoutComment(nested.get(key)) : undefined;
}

/**
 * The name of another section in `key`. Such a name may hold ` #`, so the whole value counts where it names a section, and
 * otherwise the value without its comment.
 */
export function referenceOf(profile: Section, key: string, named: ReadonlyMap<string, unknown>): string | undefined {
  const whole = wholeTextOf(profile, key);
  return (whole !== undefined && named.has(whole) ? whole : textOf(profile, key)) || undefined;
}

function withoutComment(value: string | undefined): string | undefined {
  return value?.replace(/(?:^|\s)[#;].*$/s, "").trimEnd();
}
