import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SECOND } from "../../src/time.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { settle } from "../support/fake-clock.ts";
import { get } from "../support/served.ts";
import { serveCredentials } from "../support/served-credentials.ts";
import { mountSecret, only, openTokenFile, openTokens } from "../support/token-files.ts";

/** How often files are looked at, and how long an old token is honoured. */
const LOOK = 10 * SECOND;
const HONOURED = 600 * SECOND;

test("opens to a new token at the next look, and to the old one for ten minutes more", async (context) => {
  const { tokens, advance, path } = await openTokenFile(context, "fake-old");
  writeFileSync(path, "fake-new");
  await advance(LOOK);
  assert.deepEqual([tokens.opens("fake-new"), tokens.opens("fake-old")], ["every", "every"]);
  await advance(HONOURED - 1);
  assert.deepEqual([tokens.opens("fake-new"), tokens.opens("fake-old")], ["every", "every"]);
  await advance(1);
  assert.deepEqual([tokens.opens("fake-new"), tokens.opens("fake-old")], ["every", undefined]);
});

test("ends an old token by the wall clock, before the next look", async (context) => {
  const { tokens, advance, clock, path } = await openTokenFile(context, "fake-old");
  writeFileSync(path, "fake-new");
  await advance(LOOK);
  clock.jump(HONOURED);
  assert.deepEqual([tokens.opens("fake-old"), tokens.opens("fake-new")], [undefined, "every"]);
});

test("looks at once when somebody brings a token that is not known, but once a second at most", async (context) => {
  const { tokens, clock, path } = await openTokenFile(context, "fake-old");
  writeFileSync(path, "fake-new");
  clock.jump(SECOND - 1);
  assert.deepEqual([tokens.opens("fake-new"), tokens.mayHaveChanged("fake-new")], [undefined, false]);
  clock.jump(1);
  assert.equal(tokens.mayHaveChanged("fake-new"), true);
  await tokens.lookAgain();
  assert.equal(tokens.opens("fake-new"), "every");
});

test("honours each of several old tokens for its own ten minutes", async (context) => {
  const { tokens, advance, path } = await openTokenFile(context, "fake-1");
  writeFileSync(path, "fake-2");
  await advance(LOOK);
  await advance(HONOURED / 2);
  writeFileSync(path, "fake-3");
  await advance(LOOK);
  const opened = () => ["fake-1", "fake-2", "fake-3"].map((token) => tokens.opens(token));
  assert.deepEqual(opened(), ["every", "every", "every"]);
  await advance(HONOURED / 2);
  assert.deepEqual(opened(), [undefined, "every", "every"]);
  await advance(HONOURED / 2);
  assert.deepEqual(opened(), [undefined, undefined, "every"]);
});

test("opens for good to a token that comes back", async (context) => {
  const { tokens, advance, path } = await openTokenFile(context, "fake-1");
  for (const text of ["fake-2", "fake-1"]) {
    writeFileSync(path, text);
    await advance(LOOK);
  }
  await advance(2 * HONOURED);
  assert.deepEqual([tokens.opens("fake-1"), tokens.opens("fake-2")], ["every", undefined]);
});

const spoilt: readonly (readonly [name: string, spoil: (path: string) => void])[] = [
  ["vanishes", (path) => rmSync(path)],
  ["is emptied", (path) => writeFileSync(path, "")],
  [
    "becomes a FIFO",
    (path) => {
      rmSync(path);
      execFileSync("mkfifo", [path]);
    },
  ],
  ["grows beyond a token", (path) => truncateSync(path, 120_000_000)],
];

for (const [name, spoil] of spoilt) {
  test(`honours the token of a file that ${name} for ten minutes, says so once a minute, and then opens to nothing`, async (context) => {
    const { tokens, advance, reported, path } = await openTokenFile(context, "fake-token");
    spoil(path);
    await advance(LOOK);
    await advance(HONOURED - SECOND);
    assert.equal(tokens.opens("fake-token"), "every");
    await advance(SECOND);
    assert.deepEqual([tokens.opens("fake-token"), tokens.required], [undefined, true]);
    assert.equal(reported.length, 1 + HONOURED / (60 * SECOND));
    assert.ok(reported.every((message) => message.includes(path) && !message.includes("fake-token")));
    rmSync(path, { force: true });
    writeFileSync(path, "fake-again");
    await advance(LOOK);
    assert.equal(tokens.opens("fake-again"), "every");
  });
}

test("rotates the other files of a directory in which one cannot be used", async (context) => {
  const path = temporaryDirectory(context);
  mountSecret(path, 1, { app: "fake-app-1", reports: "fake-reports" });
  const { tokens, advance, reported } = await openTokens(context, { path });
  mountSecret(path, 2, { app: "fake-app-2", reports: "" });
  await advance(LOOK);
  assert.deepEqual(tokens.opens("fake-app-2"), only("app"));
  assert.deepEqual(tokens.opens("fake-reports"), only("reports"));
  assert.match(reported.join(), /reports is empty$/);
  await advance(HONOURED);
  assert.deepEqual([tokens.opens("fake-app-2"), tokens.opens("fake-reports")], [only("app"), undefined]);
});

test("looks again at once for an unknown token when the clock was set back", async (context) => {
  const { tokens, clock } = await openTokenFile(context, "fake-old");
  clock.jump(-3_600_000);
  assert.equal(tokens.mayHaveChanged("fake-new"), true);
});

test("looks no more when it is stopped", async (context) => {
  const { tokens, advance, clock, reported, path } = await openTokenFile(context, "fake-token");
  tokens.stop();
  rmSync(path);
  await advance(10 * LOOK);
  assert.deepEqual([reported, clock.armed], [[], 0]);
});

test("follows a mounted Secret through its swap, by the file", async (context) => {
  const directory = temporaryDirectory(context);
  mountSecret(directory, 1, { token: "fake-old\n" });
  const { tokens, advance, reported } = await openTokens(context, { path: join(directory, "token") });
  assert.equal(tokens.opens("fake-old"), "every");
  mountSecret(directory, 2, { token: "fake-new\n" });
  await advance(LOOK);
  assert.deepEqual([tokens.opens("fake-new"), tokens.opens("fake-old")], ["every", "every"]);
  await advance(HONOURED);
  assert.deepEqual([tokens.opens("fake-new"), tokens.opens("fake-old")], ["every", undefined]);
  assert.deepEqual(reported, []);
});

test("follows a mounted Secret through its swap, by the directory", async (context) => {
  const path = temporaryDirectory(context);
  mountSecret(path, 1, { app: "fake-app-1", reports: "fake-reports" });
  const { tokens, advance, reported } = await openTokens(context, { path });
  assert.deepEqual([tokens.opens("fake-app-1"), tokens.opens("fake-reports")], [only("app"), only("reports")]);
  mountSecret(path, 2, { app: "fake-app-2", audit: "fake-audit" });
  await advance(LOOK);
  assert.deepEqual([tokens.opens("fake-app-2"), tokens.opens("fake-audit")], [only("app"), only("audit")]);
  assert.deepEqual([tokens.opens("fake-app-1"), tokens.opens("fake-reports")], [only("app"), only("reports")]);
  await advance(HONOURED);
  assert.deepEqual([tokens.opens("fake-app-1"), tokens.opens("fake-reports")], [undefined, undefined]);
  assert.deepEqual([tokens.opens("fake-app-2"), tokens.opens("fake-audit")], [only("app"), only("audit")]);
  assert.deepEqual(reported, []);
});

test("opens another identity only to a token that moved there", async (context) => {
  const path = temporaryDirectory(context);
  mountSecret(path, 1, { app: "fake-token", reports: "fake-reports" });
  const { tokens, advance } = await openTokens(context, { path });
  mountSecret(path, 2, { app: "fake-app", reports: "fake-token" });
  await advance(LOOK);
  assert.deepEqual(tokens.opens("fake-token"), only("app", "reports"));
  await advance(HONOURED);
  assert.deepEqual(tokens.opens("fake-token"), only("reports"));
});

test("SIGHUP has the token file read again at once", async (t) => {
  const path = join(temporaryDirectory(t), "token");
  writeFileSync(path, "fake-token-1");
  const served = await serveCredentials(t, { flags: [`--auth-token-file=${path}`] });
  writeFileSync(path, "fake-token-2");
  served.refreshNow();
  const statusWith = async (token: string) =>
    (await get(`${served.url}/v1/credentials`, { headers: { Authorization: token } })).status;
  while ((await statusWith("fake-token-2")) !== 200) await settle();
  assert.equal(await statusWith("fake-token-1"), 200, "the old one is honoured");
});
