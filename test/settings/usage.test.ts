import assert from "node:assert/strict";
import { test } from "node:test";
import { helpText } from "../../src/commands/help.ts";
import { declarableNames } from "../../src/policy/clients.ts";
import { environmentName, flagName, settingNames, settingOf } from "../../src/settings/table.ts";
import { settingsTable } from "../../src/settings/usage.ts";

/** The text of help without its line breaks, which fall where they fall. */
const help = helpText().replace(/\s+/g, " ");
const rows = settingsTable().split("\n");

for (const name of settingNames) {
  const { allowed, default: fallback } = settingOf(name);

  test(`explains ${flagName(name)} in the help`, () => {
    const begin = help.indexOf(`${flagName(name)}, ${environmentName(name)} `);
    assert.ok(begin >= 0);
    const entry = help.slice(begin).split(/ --(?=[a-z-]+, SIDECAR_)/)[0] ?? "";
    assert.ok(entry.includes(`Allowed: ${allowed}.`), entry);
    assert.equal(entry.includes("Default: "), fallback !== undefined, entry);
    assert.ok(entry.includes(fallback === undefined ? "" : `Default: ${fallback}.`), entry);
  });

  test(`has one row for ${environmentName(name)} in the README`, () => {
    const found = rows.filter((row) => row.startsWith(`| \`${environmentName(name)}\` `));
    assert.equal(found.length, 1);
    assert.equal(found[0]?.split("|").length, 5, "a bar inside a cell would end it");
    assert.ok(found[0]?.includes(fallback === undefined ? "| – " : `| \`${fallback}\` `));
  });
}

test("lists every client that may be declared in the help", () => {
  assert.ok(help.includes(declarableNames.join(", ")));
});

test("tells the commands and the exit codes in the help", () => {
  for (const word of ["serve", "exec", "check", "doctor", "refresh", "healthcheck", "wait", "--help", "--version"]) {
    assert.match(help, new RegExp(` ${word}[ ,)]`));
  }
  assert.match(help, /0 stopped by a signal, or no problems found, 1 failure at run time, 2 bad settings or usage/);
});

test("keeps the help within a terminal's width", () => {
  assert.deepEqual(
    helpText()
      .split("\n")
      .filter((line) => line.length > 120),
    [],
  );
});

test("has a README table with a line for its head, its rule and each setting, all of one width", () => {
  assert.equal(rows.length, settingNames.length + 2);
  assert.equal(new Set(rows.map((row) => row.length)).size, 1);
});
