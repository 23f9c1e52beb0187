import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SECOND } from "../../src/time.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { mountSecret, only, openTokenFile, openTokens } from "../support/token-files.ts";

/** How often files are looked at, and how long an old token is honoured. */
const LOOK = 10 * SECOND;
const HONOURED = 600 * SECOND;

test("opens to a new token at the next look, and to the old one for ten minutes more", async (context) => {
  const { tokens, clock, path } = openTokenFile(context, "fake-old");
  writeFileSync(path, "fake-new");
  await clock.advance(LOOK);
  assert.deepEqual([tokens.opens("fake-new"), tokens.opens("fake-old")], ["every", "every"]);
  await clock.advance(HONOURED - 1);
  assert.deepEqual([tokens.opens("fake-new"), tokens.opens("fake-old")], ["every", "every"]);
  await clock.advance(1);
  assert.deepEqual([tokens.opens("fake-new"), tokens.opens("fake-old")], ["every", undefined]);
});

test("ends an old token by the wall clock, before the next look", async (context) => {
  const { tokens, clock, path } = openTokenFile(context, "fake-old");
  writeFileSync(path, "fake-new");
  await clock.advance(LOOK);
  clock.jump(HONOURED);
  assert.deepEqual([tokens.opens("fake-old"), tokens.opens("fake-new")], [undefined, "every"]);
});

test("looks at once when somebody brings a token that is not known, but once a second at most", (context) => {
  const { tokens, clock, path } = openTokenFile(context, "fake-old");
  writeFileSync(path, "fake-new");
  clock.jump(SECOND - 1);
  assert.equal(tokens.opens("fake-new"), undefined);
  clock.jump(1);
  assert.equal(tokens.opens("fake-new"), "every");
});

test("honours each of several old tokens for its own ten minutes", async (context) => {
  const { tokens, clock, path } = openTokenFile(context, "fake-1");
  writeFileSync(path, "fake-2");
  await clock.advance(LOOK);
  await clock.advance(HONOURED / 2);
  writeFileSync(path, "fake-3");
  await clock.advance(LOOK);
  const opened = () => ["fake-1", "fake-2", "fake-3"].map((token) => tokens.opens(token));
  assert.deepEqual(opened(), ["every", "every", "every"]);
  await clock.advance(HONOURED / 2);
  assert.deepEqual(opened(), [undefined, "every", "every"]);
  await clock.advance(HONOURED / 2);
  assert.deepEqual(opened(), [undefined, undefined, "every"]);
});

test("opens for good to a token that comes back", async (context) => {
  const { tokens, clock, path } = openTokenFile(context, "fake-1");
  for (const text of ["fake-2", "fake-1"]) {
    writeFileSync(path, text);
    await clock.advance(LOOK);
  }
  await clock.advance(2 * HONOURED);
  assert.deepEqual([tokens.opens("fake-1"), tokens.opens("fake-2")], ["every", undefined]);
});

for (const name of ["vanishes", "is emptied"]) {
  test(`keeps the tokens of a file that ${name}, and says so once a minute`, async (context) => {
    const { tokens, clock, reported, path } = openTokenFile(context, "fake-token");
    if (name === "vanishes") rmSync(path);
    else writeFileSync(path, "");
    await clock.advance(2 * LOOK);
    await clock.advance(2 * HONOURED);
    assert.equal(tokens.opens("fake-token"), "every");
    assert.equal(reported.length, 1 + Math.floor((LOOK + 2 * HONOURED) / (60 * SECOND)));
    assert.ok(reported.every((message) => message.includes(path) && !message.includes("fake-token")));
    writeFileSync(path, "fake-again");
    await clock.advance(LOOK);
    assert.equal(tokens.opens("fake-again"), "every");
  });
}

test("looks no more when it is stopped", async (context) => {
  const { tokens, clock, reported, path } = openTokenFile(context, "fake-token");
  tokens.stop();
  rmSync(path);
  await clock.advance(10 * LOOK);
  assert.deepEqual([reported, clock.armed], [[], 0]);
});

test("follows a mounted Secret through its swap, by the file", async (context) => {
  const directory = temporaryDirectory(context);
  mountSecret(directory, 1, { token: "fake-old\n" });
  const { tokens, clock, reported } = openTokens(context, { path: join(directory, "token") });
  assert.equal(tokens.opens("fake-old"), "every");
  mountSecret(directory, 2, { token: "fake-new\n" });
  await clock.advance(LOOK);
  assert.deepEqual([tokens.opens("fake-new"), tokens.opens("fake-old")], ["every", "every"]);
  await clock.advance(HONOURED);
  assert.deepEqual([tokens.opens("fake-new"), tokens.opens("fake-old")], ["every", undefined]);
  assert.deepEqual(reported, []);
});

test("follows a mounted Secret through its swap, by the directory", async (context) => {
  const path = temporaryDirectory(context);
  mountSecret(path, 1, { app: "fake-app-1", reports: "fake-reports" });
  const { tokens, clock, reported } = openTokens(context, { path });
  assert.deepEqual([tokens.opens("fake-app-1"), tokens.opens("fake-reports")], [only("app"), only("reports")]);
  mountSecret(path, 2, { app: "fake-app-2", audit: "fake-audit" });
  await clock.advance(LOOK);
  assert.deepEqual([tokens.opens("fake-app-2"), tokens.opens("fake-audit")], [only("app"), only("audit")]);
  assert.deepEqual([tokens.opens("fake-app-1"), tokens.opens("fake-reports")], [only("app"), only("reports")]);
  await clock.advance(HONOURED);
  assert.deepEqual([tokens.opens("fake-app-1"), tokens.opens("fake-reports")], [undefined, undefined]);
  assert.deepEqual([tokens.opens("fake-app-2"), tokens.opens("fake-audit")], [only("app"), only("audit")]);
  assert.deepEqual(reported, []);
});

test("opens another identity only to a token that moved there", async (context) => {
  const path = temporaryDirectory(context);
  mountSecret(path, 1, { app: "fake-token", reports: "fake-reports" });
  const { tokens, clock } = openTokens(context, { path });
  mountSecret(path, 2, { app: "fake-app", reports: "fake-token" });
  await clock.advance(LOOK);
  assert.deepEqual(tokens.opens("fake-token"), only("app", "reports"));
  await clock.advance(HONOURED);
  assert.deepEqual(tokens.opens("fake-token"), only("reports"));
});
