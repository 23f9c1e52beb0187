import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Opens, TokenFileError } from "../../src/http/authorization.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { only, openTokenFile, openTokens } from "../support/token-files.ts";

const CANARY = "canary-5f1e";

test("asks for no token when none is set", (context) => {
  const { tokens, clock } = openTokens(context, {});
  assert.equal(tokens.required, false);
  assert.equal(tokens.opens("anything"), undefined);
  assert.equal(clock.armed, 0);
});

test("opens every identity to the token of the setting", (context) => {
  const { tokens } = openTokens(context, { token: "fake-token" });
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
  test(`opens ${opens ?? "nothing"} to ${JSON.stringify(text?.slice(0, 40))}`, (context) => {
    assert.equal(openTokens(context, { token: "fake-token" }).tokens.opens(text), opens);
    assert.equal(openTokenFile(context, "fake-token\n").tokens.opens(text), opens);
  });
}

for (const text of ["fake-token", "fake-token\n", "fake-token\r\n", "\n fake-token \n\n"]) {
  test(`reads the token from a file with ${JSON.stringify(text)}`, (context) => {
    const { tokens } = openTokenFile(context, text);
    assert.equal(tokens.required, true);
    assert.equal(tokens.opens("fake-token"), "every");
  });
}

test("opens by the setting and by the file alike", (context) => {
  const path = join(temporaryDirectory(context), "token");
  writeFileSync(path, "fake-file");
  const { tokens } = openTokens(context, { token: "fake-setting", path });
  assert.deepEqual([tokens.opens("fake-setting"), tokens.opens("fake-file")], ["every", "every"]);
});

test("opens one identity to each file of a directory", (context) => {
  const path = temporaryDirectory(context);
  writeFileSync(join(path, "app"), "fake-app\n");
  writeFileSync(join(path, "reports"), "fake-reports\n");
  const { tokens } = openTokens(context, { path });
  assert.deepEqual(tokens.opens("fake-app"), only("app"));
  assert.deepEqual(tokens.opens("fake-reports"), only("reports"));
  assert.equal(tokens.opens("fake-other"), undefined);
});

test("opens several identities to a token that several files hold", (context) => {
  const path = temporaryDirectory(context);
  for (const name of ["app", "reports"]) writeFileSync(join(path, name), "fake-shared");
  assert.deepEqual(openTokens(context, { path }).tokens.opens("fake-shared"), only("app", "reports"));
});

test("opens every identity to a token that the setting holds too", (context) => {
  const path = temporaryDirectory(context);
  writeFileSync(join(path, "app"), "fake-shared");
  assert.equal(openTokens(context, { token: "fake-shared", path }).tokens.opens("fake-shared"), "every");
});

test("looks past names that begin with a dot", (context) => {
  const path = temporaryDirectory(context);
  writeFileSync(join(path, ".hidden"), "fake-hidden");
  mkdirSync(join(path, "..2026"));
  writeFileSync(join(path, "app"), "fake-app");
  const { tokens } = openTokens(context, { path });
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
    message: /^the token file \S+\/token holds no visible ASCII token$/,
  },
  {
    name: "a file of blanks",
    make: (directory) => fileWith(directory, " \n\n"),
    message: /holds no visible ASCII token$/,
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
    message: /^the token file \S+\/token is larger than a token$/,
  },
  { name: "an empty directory", make: (directory) => directory, message: /^the token directory \S+ is empty$/ },
  {
    name: "a directory with dotted names only",
    make: (directory) => {
      writeFileSync(join(directory, ".app"), CANARY);
      return directory;
    },
    message: /^the token directory \S+ is empty$/,
  },
  {
    name: "a directory in the directory",
    make: (directory) => {
      mkdirSync(join(directory, "app"));
      return directory;
    },
    message: /cannot be read \(EISDIR\)$/,
  },
  {
    name: "a directory with one bad file",
    make: (directory) => {
      writeFileSync(join(directory, "app"), CANARY);
      writeFileSync(join(directory, "reports"), "");
      return directory;
    },
    message: /\/reports holds no visible ASCII token$/,
  },
];

function fileWith(directory: string, text: string): string {
  const path = join(directory, "token");
  writeFileSync(path, text);
  return path;
}

for (const { name, make, message } of unusable) {
  test(`refuses to begin with ${name}, and names the path but not the content`, (context) => {
    const directory = temporaryDirectory(context);
    const path = make(directory);
    assert.throws(
      () => openTokens(context, { path }),
      (error: unknown) => {
        assert.ok(error instanceof TokenFileError);
        assert.equal(error.code, "TokenFileUnusable");
        assert.match(error.message, message);
        assert.ok(error.message.includes(path));
        assert.equal(`${error.stack}`.includes(CANARY), false);
        return true;
      },
    );
  });
}
