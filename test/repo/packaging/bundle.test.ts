/** What the bundle has instead of a dependency has every name that is imported from it. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { UNDICI } from "../../../scripts/bundle/replacements.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const files = [
  ...globSync("src/**/*.ts", { cwd: root }),
  ...globSync("node_modules/@smithy/undici-http-handler/dist-es/*.js", { cwd: root }),
];

/** The names that a file takes from undici at run time. */
function namesIn(path: string): readonly string[] {
  const imports = readFileSync(`${root}${path}`, "utf8").matchAll(/^import (?!type)\{([^}]*)\} from "undici";$/gm);
  const names = [...imports].flatMap(([, names = ""]) => names.split(",").map((name) => name.trim()));
  return names.filter((name) => name !== "" && !name.startsWith("type "));
}

const imported = new Set(files.flatMap(namesIn));

test("the names that are imported from undici are known", () => {
  for (const name of ["Agent", "Pool", "ProxyAgent", "request", "getGlobalDispatcher"])
    assert.ok(imported.has(name), name);
});

for (const name of imported) {
  test(`the bundle's undici has ${name}`, () => {
    assert.match(UNDICI.slice(UNDICI.indexOf("module.exports")), new RegExp(`\\b${name}\\b(?:: |,|\\()`));
  });
}
