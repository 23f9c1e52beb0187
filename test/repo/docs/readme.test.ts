import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");

/** The rows of the table under a heading, as cells. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const [, section = ""] = readme.split(`## ${heading}\n`);
  const lines = section.split("\n## ")[0]?.split("\n") ?? [];
  const rows = lines.filter((line) => line.startsWith("|")).slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

suite("Every promise in README is the name of a test in the file beside it", () => {
  const promises = rowsUnder("What it promises");

  test("there are eleven", () => assert.equal(promises.length, 11));

  for (const [promise = "", file = ""] of promises) {
    test(promise, () => {
      const source = readFileSync(new URL(`../../../${file.replaceAll("`", "")}`, import.meta.url), "utf8");
      assert.ok(
        source.includes(`test("${promise}"`) || source.includes(`suite("${promise}"`),
        `${file} has no such test`,
      );
    });
  }
});
