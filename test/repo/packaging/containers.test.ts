/** What every text that ships says of the sidecar's container alike: manifests, charts, policies, README. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";

const root = new URL("../../../", import.meta.url);
const files = ["README.md", ...globSync("{examples,deploy}/**/*.{yaml,tpl,md,json}", { cwd: root })].sort();

/** Of the init containers that set addresses and write tokens. */
const BUSYBOX_MIB = "16";

/** All values that a pattern finds, by file. */
function found(pattern: RegExp): readonly (readonly [file: string, value: string])[] {
  return files.flatMap((file) =>
    [...readFileSync(new URL(file, root), "utf8").matchAll(pattern)].map(([, value = ""]) => [file, value] as const),
  );
}

suite("every text that limits the sidecar's memory has one limit, and those that request it one request", () => {
  const limits = found(/limits: \{ ?"?memory"?: "?(\d+)Mi"? ?\}/g).filter(([, value]) => value !== BUSYBOX_MIB);
  const others = found(/(?:--memory=|mem_limit: |"memory": )(\d+)(?:m\b|,)/g);
  const requests = found(/requests: \{ ?"?cpu"?: "?5m"?, "?memory"?: "?(\d+)Mi"? ?\}/g);
  test("there is a limit in each example", () => assert.ok(limits.length >= 13 && others.length >= 4));
  test("a request for each limit of Kubernetes", () => assert.equal(requests.length, limits.length));
  for (const [file, value] of [...limits, ...others]) test(file, () => assert.equal(value, "128"));
  for (const [file, value] of requests) test(`${file} requests`, () => assert.equal(value, "48"));
});

suite("every startup probe waits for an hour, because a restart brings no upstream back", () => {
  const seconds = found(/periodSeconds: 1\b[\s,]*failureThreshold: (\d+)/g);
  test("there is one in each example", () => assert.ok(seconds.length >= 14, `${seconds.length}`));
  for (const [file, value] of seconds) test(file, () => assert.equal(Number(value), 3_600));
});
