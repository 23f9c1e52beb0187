import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Opens } from "../../src/http/authorization.ts";
import { TokenFileError } from "../../src/http/token-files.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { only, openTokenFile, openTokens } from "../support/token-files.ts";

const CANARY = "canary-5f1e";

test("asks for no token when none is set", async (context) => {
  const { tokens, clock } = await openTokens(context, {});
  assert.equal(tokens.required, false);
  assert.equal(tokens.opens("anything"), undefined);
  assert.equal(clock.armed, 0);
});

test("opens every identity to the token of the setting", async (context) => {
  const { tokens } = await openTokens(context, { token: "fake-token" });
  assert.equal(tokens.required, true);
  assert.equal(tokens.opens("fake-token"), "every");
});

const presented: readonly (readonly [text: string | undefined, opens: Opens | undefined])[] = [
  ["fake-token", "every"],
  ["fake-token\n", "every"],
  [" fake-token\r\n", "every"],
  [undefined, undefined],
  ["", undefined],
  [" ", undefined],
  ["fake-toke", undefined],
  ["fake-token2", undefined],
  ["FAKE-TOKEN", undefined],
  ["Bearer fake-token", undefined],
  ["fake-token, fake-token", undefined],
  ["fake-token\0", undefined],
  ["x".repeat(8_000), undefined],
];

for (const [text, opens] of presented) {
  test(`opens ${opens ?? "nothing"} to ${JSON.stringify(text?.slice(0, 40))}`, async (context) => {
    assert.equal((await openTokens(context, { token: "fake-token" })).tokens.opens(text), opens);
    assert.equal((await openTokenFile(context, "fake-token\n")).tokens.opens(text), opens);
  });
}

for (const text of ["fake-token", "fake-token\n", "fake-token\r\n", "\n fake-token \n\n"]) {
  test(`reads the token from a file with ${JSON.stringify(text)}`, async (context) => {
    const { tokens } = await openTokenFile(context, text);
    assert.equal(tokens.required, true);
    assert.equal(tokens.opens("fake-token"), "every");
  });
}

test("opens by the setting and by the file alike", async (context) => {
  const path = join(temporaryDirectory(context), "token");
  writeFileSync(path, "fake-file");
  const { tokens } = await openTokens(context, { token: "fake-setting", path });
  assert.deepEqual([tokens.opens("fake-setting"), tokens.opens("fake-file")], ["every", "every"]);
});

test("opens one identity to each file of a directory", async (context) => {
  const path = temporaryDirectory(context);
  writeFileSync(join(path, "app"), "fake-app\n");
  writeFileSync(join(path, "reports"), "fake-reports\n");
  const { tokens } = await openTokens(context, { path });
  assert.deepEqual(tokens.opens("fake-app"), only("app"));
  assert.deepEqual(tokens.opens("fake-reports"), only("reports"));
  assert.equal(tokens.opens("fake-other"), undefined);
});

test("opens several identities to a token that several files hold", async (context) => {
  const path = temporaryDirectory(context);
  for (const name of ["app", "reports"]) writeFileSync(join(path, name), "fake-shared");
  assert.deepEqual((await openTokens(context, { path })).tokens.opens("fake-shared"), only("app", "reports"));
});

test("opens every identity to a token that the setting holds too", async (context) => {
  const path = temporaryDirectory(context);
  writeFileSync(join(path, "app"), "fake-shared");
  assert.equal((await openTokens(context, { token: "fake-shared", path })).tokens.opens("fake-shared"), "every");
});

test("looks past names that begin with a dot", async (context) => {
  const path = temporaryDirectory(context);
  writeFileSync(join(path, ".hidden"), "fake-hidden");
  mkdirSync(join(path, "..2026"));
  writeFileSync(join(path, "app"), "fake-app");
  const { tokens } = await openTokens(context, { path });
  assert.deepEqual([tokens.opens("fake-app"), tokens.opens("fake-hidden")], [only("app"), undefined]);
});

const unusable: readonly { name: string; make: (directory: string) => string; message: RegExp }[] = [
  {
    name: "a path that is not there",
    make: (directory) => join(directory, "token"),
    message: /^the token file (\S+)\/token cannot be read \(ENOENT\)$/,
  },
  {
    name: "a path through a file",
    make: (directory) => {
      writeFileSync(join(directory, "a"), CANARY);
      return join(directory, "a", "token");
    },
    message: /\/a\/token cannot be read \(ENOTDIR\)$/,
  },
  {
    name: "an empty file",
    make: (directory) => fileWith(directory, ""),
    message: /^the token file \S+\/token is empty$/,
  },
  {
    name: "a file of blanks",
    make: (directory) => fileWith(directory, " \n\n"),
    message: /is empty$/,
  },
  {
    name: "a token with a blank inside",
    make: (directory) => fileWith(directory, `${CANARY} x`),
    message: /holds no visible ASCII token$/,
  },
  {
    name: "two lines",
    make: (directory) => fileWith(directory, `${CANARY}\n${CANARY}\n`),
    message: /holds no visible ASCII token$/,
  },
  {
    name: "a token beyond ASCII",
    make: (directory) => fileWith(directory, `${CANARY}é`),
    message: /holds no visible ASCII token$/,
  },
  {
    name: "a token with a NUL",
    make: (directory) => fileWith(directory, `${CANARY}\0`),
    message: /holds no visible ASCII token$/,
  },
  {
    name: "a file that is larger than a token",
    make: (directory) => fileWith(directory, CANARY.repeat(2_000)),
    message: /^the token file \S+\/token is larger than 16384 bytes$/,
  },
  {
    name: "a FIFO that nobody writes to",
    make: (directory) => {
      execFileSync("mkfifo", [join(directory, "token")]);
      return join(directory, "token");
    },
    message: /\/token is not a regular file$/,
  },
  { name: "a device without an end", make: () => "/dev/zero", message: /\/dev\/zero is not a regular file$/ },
  {
    name: "a file of 120 MB",
    make: (directory) => {
      const path = fileWith(directory, "");
      truncateSync(path, 120_000_000);
      return path;
    },
    message: /is larger than 16384 bytes$/,
  },
  { name: "an empty directory", make: (directory) => directory, message: /^the token file \S+ is an empty directory$/ },
  {
    name: "a directory with dotted names only",
    make: (directory) => {
      writeFileSync(join(directory, ".app"), CANARY);
      return directory;
    },
    message: /^the token file \S+ is an empty directory$/,
  },
  {
    name: "a directory in the directory",
    make: (directory) => {
      mkdirSync(join(directory, "app"));
      return directory;
    },
    message: /app is not a regular file$/,
  },
  {
    name: "a directory with one bad file",
    make: (directory) => {
      writeFileSync(join(directory, "app"), CANARY);
      writeFileSync(join(directory, "reports"), "");
      return directory;
    },
    message: /\/reports is empty$/,
  },
];

function fileWith(directory: string, text: string): string {
  const path = join(directory, "token");
  writeFileSync(path, text);
  return path;
}

for (const { name, make, message } of unusable) {
  test(`refuses to begin with ${name}, and names the path but not the content`, async (context) => {
    const directory = temporaryDirectory(context);
    const path = make(directory);
    await assert.rejects(openTokens(context, { path }), (error: unknown) => {
      assert.ok(error instanceof TokenFileError);
      assert.equal(error.code, "TokenFileUnusable");
      assert.match(error.message, message);
      assert.ok(error.message.includes(path));
      assert.equal(`${error.stack}`.includes(CANARY), false);
      return true;
    });
  });
}
