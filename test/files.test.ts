import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { FileError, readSmallFile } from "../src/files.ts";
import { temporaryDirectory } from "./support/environment.ts";

const MAX_BYTES = 16_384;

function fileOf(t: TestContext, bytes: number): string {
  const path = join(temporaryDirectory(t), "file");
  writeFileSync(path, "t".repeat(bytes));
  return path;
}

function fifo(t: TestContext): string {
  const path = join(temporaryDirectory(t), "fifo");
  execFileSync("mkfifo", [path]);
  return path;
}

for (const bytes of [0, 1, MAX_BYTES]) {
  test(`reads a file of ${bytes} bytes`, async (t) => {
    assert.equal((await readSmallFile(fileOf(t, bytes), MAX_BYTES)).toString(), "t".repeat(bytes));
  });
}

test("follows a symbolic link, as a mounted Secret has them", async (t) => {
  const path = join(temporaryDirectory(t), "link");
  symlinkSync(fileOf(t, 5), path);
  assert.equal((await readSmallFile(path, MAX_BYTES)).toString(), "ttttt");
});

const refused: readonly (readonly [what: string, path: (t: TestContext) => string, message: RegExp])[] = [
  ["a FIFO that nobody writes to", fifo, /^is not a regular file$/],
  ["a device without an end", () => "/dev/zero", /^is not a regular file$/],
  ["a terminal", () => "/dev/tty", /^(?:is not a regular file|cannot be read \(E\w+\))$/],
  ["a directory", (t) => temporaryDirectory(t), /^is not a regular file$/],
  ["one byte too many", (t) => fileOf(t, MAX_BYTES + 1), /^is larger than 16384 bytes$/],
  // Procfs states a size of 0.
  ["a file that is larger than its size says", () => "/proc/self/smaps", /^is larger than 16384 bytes$/],
  ["a file that is not there", (t) => join(temporaryDirectory(t), "nothing"), /^cannot be read \(ENOENT\)$/],
];

for (const [what, pathOf, message] of refused) {
  test(`refuses ${what}, and says why without its content`, async (t) => {
    const path = pathOf(t);
    await assert.rejects(readSmallFile(path, MAX_BYTES), (error) => {
      assert.ok(error instanceof FileError);
      assert.deepEqual([error.path, message.test(error.message)], [path, true], error.message);
      return true;
    });
  });
}

test("reads no more of 120 MB than its limit", async (t) => {
  const path = fileOf(t, 1);
  truncateSync(path, 120_000_000);
  const { arrayBuffers } = process.memoryUsage();
  await assert.rejects(readSmallFile(path, MAX_BYTES), /is larger than 16384 bytes/);
  assert.ok(process.memoryUsage().arrayBuffers - arrayBuffers < 1_000_000);
});

test("a hundred FIFOs keep no file from being read", async (t) => {
  const pipes = Array.from({ length: 100 }, () => fifo(t));
  const path = fileOf(t, 5);
  const stuck = Promise.allSettled(pipes.map((pipe) => readSmallFile(pipe, MAX_BYTES)));
  assert.equal((await readSmallFile(path, MAX_BYTES)).toString(), "ttttt");
  assert.ok((await stuck).every(({ status }) => status === "rejected"));
});

test("says which permission is missing", {
  skip: process.getuid?.() === 0 && "root may read everything",
}, async (t) => {
  const path = fileOf(t, 5);
  chmodSync(path, 0);
  await assert.rejects(readSmallFile(path, MAX_BYTES), /cannot be read \(EACCES\)/);
});
