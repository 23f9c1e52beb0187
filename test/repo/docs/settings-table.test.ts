import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readmeTable } from "../../../src/settings/usage.ts";

const BEGIN = "<!-- settings -->";
const END = "<!-- /settings -->";

test("has the README show the settings as they are", () => {
  const lines = readFileSync(new URL("../../../README.md", import.meta.url), "utf8").split("\n");
  const [begin, end] = [lines.indexOf(BEGIN), lines.indexOf(END)];
  assert.ok(begin >= 0 && end > begin, `README.md needs the lines ${BEGIN} and ${END}`);
  assert.equal(lines.slice(begin + 1, end).join("\n"), readmeTable(), "put the table of readmeTable() between them");
});
