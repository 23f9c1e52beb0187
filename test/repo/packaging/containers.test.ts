/** What every text that ships says of the sidecar's container alike: manifests, charts, policies, README. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";

const root = new URL("../../../", import.meta.url);
const files = ["README.md", ...globSync("{examples,deploy}/**/*.{yaml,tpl}", { cwd: root })].sort();

/** All values that a pattern finds, by file. */
function found(pattern: RegExp): readonly (readonly [file: string, value: string])[] {
  return files.flatMap((file) =>
    [...readFileSync(new URL(file, root), "utf8").matchAll(pattern)].map(([, value = ""]) => [file, value] as const),
  );
}

suite("every startup probe waits for an hour, because a restart brings no upstream back", () => {
  const seconds = found(/periodSeconds: 1\b[\s,]*failureThreshold: (\d+)/g);
  test("there is one in each example", () => assert.ok(seconds.length >= 14, `${seconds.length}`));
  for (const [file, value] of seconds) test(file, () => assert.equal(Number(value), 3_600));
});
