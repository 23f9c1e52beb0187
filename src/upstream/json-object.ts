/** Reads JSON that upstreams and programs write. Pure. */

/**
 * The longest text that is parsed, in UTF-16 code units: twice the longest session token. A document has 2 KB, and 1 MiB of nested
 * arrays would take 48 MiB when parsed.
 */
export const MAX_JSON_LENGTH = 131_072;

/** The object that `text` is, or undefined when it is none, or too long for one. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.length > MAX_JSON_LENGTH) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // The error would repeat a part of the text.
    return undefined;
  }
}
