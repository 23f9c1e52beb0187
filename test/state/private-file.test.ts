/** The state file on a real file system: whole or not at all, and read by nobody else. */
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { NotPrivateError, PrivateFile, type PrivateFileOptions } from "../../src/state/private-file.ts";
import { temporaryDirectory } from "../support/environment.ts";

const userId = process.geteuid?.();
const permissionsOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

function fileIn(directory: string, given: Partial<PrivateFileOptions> = {}): PrivateFile {
  return new PrivateFile({ path: join(directory, "state.json"), medium: "any", userId, ...given });
}

/** A directory that is ours alone, and the file in it. */
function own(t: TestContext, given: Partial<PrivateFileOptions> = {}) {
  const directory = temporaryDirectory(t);
  const file = fileIn(directory, given);
  return { directory, file, path: file.path };
}

const refused = (why: RegExp) => (error: unknown) => error instanceof NotPrivateError && why.test(error.message);

suite("The state file", () => {
  test("is for this user alone, as is the directory that it creates", async (t) => {
    const volume = temporaryDirectory(t);
    chmodSync(volume, 0o777);
    const file = fileIn(join(volume, "private"));
    const before = process.umask(0);
    try {
      await file.prepare();
      await file.write("fake state");
    } finally {
      process.umask(before);
    }
    assert.equal(await file.read(), "fake state");
    assert.deepEqual([permissionsOf(join(volume, "private")), permissionsOf(file.path)], ["700", "600"]);
  });

  test("that is not there is absent", async (t) => {
    assert.equal(await own(t).file.read(), undefined);
  });

  test("is replaced whole: a reader has the old one or the new one", async (t) => {
    const { file, directory } = own(t);
    await file.write("old");
    const reader = readFileSync(file.path);
    const inode = statSync(file.path).ino;
    await file.write("new");
    assert.notEqual(statSync(file.path).ino, inode, "the old file is not written to");
    assert.deepEqual([reader.toString(), await file.read()], ["old", "new"]);
    assert.deepEqual(readdirSync(directory), ["state.json"]);
  });

  test("leaves nothing of a write that fails, and the old one as it was", async (t) => {
    const { file, directory, path } = own(t);
    mkdirSync(path);
    await assert.rejects(file.write("fake state"));
    assert.deepEqual(readdirSync(directory), ["state.json"]);
  });

  test("clears away what a process left that was killed while it wrote", async (t) => {
    const { file, directory, path } = own(t);
    writeFileSync(`${path}.new`, "fake-secret");
    await file.removeTemporary();
    assert.deepEqual(readdirSync(directory), []);
    symlinkSync("/etc/hosts", `${path}.new`);
    await file.write("fake state");
    assert.deepEqual(readdirSync(directory), ["state.json"]);
    assert.ok(!lstatSync(path).isSymbolicLink());
  });

  for (const [what, spoil, why] of [
    ["others can read", (path: string) => chmodSync(path, 0o604), /can be read by other users/],
    ["the group can read", (path: string) => chmodSync(path, 0o640), /can be read by other users/],
    ["has a second name", (path: string) => linkSync(path, `${path}.link`), /has a second name/],
  ] as const) {
    test(`that ${what} is not read, and the next write replaces it`, async (t) => {
      const { file, path } = own(t);
      await file.write("old");
      spoil(path);
      await assert.rejects(file.read(), refused(why));
      await file.write("new");
      assert.deepEqual([await file.read(), permissionsOf(path)], ["new", "600"]);
    });
  }

  test("that is a symbolic link is not followed, neither to read nor to write", async (t) => {
    const { file, path, directory } = own(t);
    const target = join(directory, "target");
    writeFileSync(target, "another's", { mode: 0o600 });
    symlinkSync(target, path);
    await assert.rejects(file.read(), refused(/is a symbolic link/));
    await file.write("fake state");
    assert.deepEqual([readFileSync(target, "utf8"), await file.read()], ["another's", "fake state"]);
  });

  test("that belongs to another user is not read", async (t) => {
    const { file, path } = own(t);
    await file.write("old");
    const another = new PrivateFile({ path, medium: "any", userId: (userId ?? 0) + 1 });
    await assert.rejects(another.read(), refused(/belongs to another user/));
  });

  test("that is no regular file, or far too large, is not read", async (t) => {
    const { file, path } = own(t);
    mkdirSync(path);
    await assert.rejects(file.read(), refused(/is not a regular file/));
    rmSync(path, { recursive: true });
    writeFileSync(path, Buffer.alloc(5 * 1_048_576), { mode: 0o600 });
    await assert.rejects(file.read(), refused(/is larger than/));
  });

  for (const mode of [0o777, 0o1777, 0o770]) {
    test(`is refused in a directory of mode ${mode.toString(8)}, where others can write`, async (t) => {
      const { file, directory } = own(t);
      chmodSync(directory, mode);
      await assert.rejects(file.prepare(), refused(/where other users can write/));
    });
  }

  test("is refused in a directory that is another user's, a link, or no directory", async (t) => {
    const { directory } = own(t);
    const another = fileIn(directory, { userId: (userId ?? 0) + 1 });
    if (userId !== 0) await assert.rejects(another.prepare(), refused(/which is another user's/));
    symlinkSync(directory, join(directory, "link"));
    await assert.rejects(fileIn(join(directory, "link")).prepare(), refused(/which is a link or no directory/));
    writeFileSync(join(directory, "file"), "");
    await assert.rejects(fileIn(join(directory, "file")).prepare(), refused(/which is a link or no directory/));
  });

  test("is refused where a file system is no memory, unless a disk is allowed", async () => {
    const onDisk = new PrivateFile({ path: "/proc/sys/state.json", medium: "memory", userId });
    await assert.rejects(onDisk.inspect(), refused(/is not on a file system that is memory/));
    await new PrivateFile({ path: "/proc/sys/state.json", medium: "any", userId }).inspect();
  });

  test("is kept in memory", { skip: !existsSync("/dev/shm") }, async (t) => {
    const directory = mkdtempSync("/dev/shm/credential-sidecar-");
    t.after(() => rmSync(directory, { recursive: true }));
    const file = fileIn(directory, { medium: "memory" });
    await file.prepare();
    await file.write("fake state");
    assert.equal(await file.read(), "fake state");
  });
});
