import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Names on standard output each use of undici. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from "node:module";
import { writeSync } from "node:fs";
registerHooks({ resolve(name, context, next) {
  if (name === "undici") writeSync(1, "undici\\n");
  return next(name, context);
} });
`)}`;

/** A port on which nothing listens without privileges, and nothing does here. */
const NOBODY = "--admin-listen=127.0.0.1:1";

for (const args of [
  ["healthcheck", NOBODY],
  ["wait", NOBODY, "--timeout=1s"],
]) {
  test(`${args[0]} asks without undici, for a container runs it every few seconds`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", WATCH, main, ...args], {
      encoding: "utf8",
      env: {},
    });
    assert.match(stderr, /^NotReachable: nothing answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/m);
    assert.equal(stdout, "");
    assert.equal(status, 1);
  });
}
