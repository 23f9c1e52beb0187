import assert from "node:assert/strict";
import dns from "node:dns";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readTextFile } from "../../src/upstream/files.ts";
import { lookup } from "../../src/upstream/lookup.ts";
import { temporaryDirectory } from "../support/environment.ts";

test("two names are looked up at once, and the others in turn: files are read meanwhile", async (t) => {
  const path = join(temporaryDirectory(t), "token");
  writeFileSync(path, "fake-token");
  const answers: (() => void)[] = [];
  t.mock.method(
    dns,
    "lookup",
    (_name: string, _options: object, done: (error: null, address: string, family: number) => void) =>
      answers.push(() => done(null, "127.0.0.1", 4)),
  );
  const found: string[] = [];
  for (const name of ["a", "b", "c", "d"]) lookup(name, {}, () => found.push(name));
  assert.equal(answers.length, 2);
  assert.equal(await readTextFile(path, "TOKEN"), "fake-token");
  for (let round = 0; round < 4; round += 1) answers[round]?.();
  assert.deepEqual([found, answers.length], [["a", "b", "c", "d"], 4]);
});
