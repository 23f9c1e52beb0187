import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { dependencyList } from "../../../scripts/runtime-packages.ts";

const golden = new URL("dependencies.txt", import.meta.url);

const DECISION = `the run-time dependencies are not those of test/repo/packaging/dependencies.txt.
A new one is a decision, not an accident: it ships in every pod, next to credentials. If it is decided, run
  npm run accept-dependencies
and say why in the commit.`;

test("has no run-time dependency that nobody decided on", () => {
  const now = dependencyList(new URL("../../../", import.meta.url)).split("\n");
  const decided = readFileSync(golden, "utf8").split("\n");
  const added = now.filter((line) => !decided.includes(line));
  const gone = decided.filter((line) => !now.includes(line));
  assert.deepEqual({ added, gone }, { added: [], gone: [] }, DECISION);
});

test("knows the licence of every run-time dependency, and each lets it be shipped", () => {
  const permissive = /^(?:Apache-2\.0|MIT|ISC|0BSD|BSD-[23]-Clause|BlueOak-1\.0\.0)$/;
  const others = readFileSync(golden, "utf8")
    .trim()
    .split("\n")
    .filter((line) => !permissive.test(line.split(" ")[1] ?? ""));
  assert.deepEqual(others, []);
});
