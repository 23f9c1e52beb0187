/** What a terminal would obey: control characters, what turns a line around, and what ends it. */
const OBEYED = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/**
 * Text of another's (an answer, a status, a profile's name, a path) as one line of text, and no more than text: what a
 * terminal would obey is shown as U+FFFD. Pure.
 */
export function printable(text: string): string {
  return text.replace(OBEYED, "\uFFFD");
}
