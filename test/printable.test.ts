import assert from "node:assert/strict";
import { test } from "node:test";
import { printable } from "../src/printable.ts";

const obeyed: readonly (readonly [string, string])[] = [
  ["an escape sequence", "\x1b[2J"],
  ["an escape sequence of one character", "\x9b2J"],
  ["the end of a line", "\n"],
  ["a delete", "\x7f"],
  ["a line that is turned around", "\u202e"],
  ["an isolated direction", "\u2067"],
  ["a line separator", "\u2028"],
  ["a paragraph separator", "\u2029"],
];

for (const [name, text] of obeyed) {
  test(`shows ${name} as a mark`, () => {
    assert.match(printable(`a${text}b`), /^a\uFFFD(?:\[?2J)?b$/);
  });
}

test("leaves words of any language as they are", () => {
  const words = "Ünïcode, 日本語, עברית, 👩‍💻, C:\\path";
  assert.equal(printable(words), words);
});
