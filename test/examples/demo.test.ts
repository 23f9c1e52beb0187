/** `npm run demo`, as a process and in its parts. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { intro } from "../../examples/demo/intro.ts";
import { Lines } from "../../examples/demo/lines.ts";
import type { BotoFile } from "../../src/commands/boto-file.ts";
import { Program } from "../support/program.ts";
import { get } from "../support/served.ts";
import { Terminal } from "../support/terminal.ts";

const demo = fileURLToPath(new URL("../../examples/demo.ts", import.meta.url));
const FREE = ["--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"];

async function started(t: TestContext, flags = FREE) {
  const program = new Program(t, flags, { entry: demo });
  await program.says(/upstream issued/);
  const [, url] = /FULL_URI=(\S+)/.exec(program.out) ?? [];
  return { program, url: url ?? assert.fail(program.out) };
}

test("counts reads and upstream calls, and sums up at the end", async (t) => {
  const { program, url } = await started(t);
  for (let read = 0; read < 60; read += 1) await get(url, { headers: { "User-Agent": "curl/8" } });
  await get(url.replace("/v1/", "/v1/for/botocore-1/"));
  program.signal("SIGINT");
  const { code, out } = await program.ended;
  assert.equal(code, 0);
  assert.match(out, /^Open http:\/\/127\.0\.0\.1:\d+\/ : the status page/m);
  assert.match(out, /curl \(container\) read, and was told 1[34]m\S* +\[60 reads, 1 upstream call\] +×30\n/);
  assert.match(
    out,
    /\n61 reads, 1 upstream call\.\nWithout the sidecar: 61 upstream calls of \d+ ms each, .+ waited \d+\S*s\.\n/,
  );
  assert.match(out, /STORM: curl reads again and again/);
  assert.equal(out.includes("\x1b"), false);
});

test("says at the end that nobody has read", async (t) => {
  const { program } = await started(t);
  program.signal("SIGTERM");
  assert.match((await program.ended).out, /\nNobody has read\. 1 upstream call\.\n$/);
});

test("takes a line back on a terminal, and sums up at Ctrl-C", async (t) => {
  const terminal = new Terminal(t, [demo, ...FREE]);
  await terminal.shows(/upstream issued/);
  terminal.type("\x03");
  const { code, shown } = await terminal.ended;
  assert.equal(code, 0);
  assert.match(stripVTControlCharacters(shown), /Nobody has read/);
});

test("names the remedy when its port is in use", async (t) => {
  const { url } = await started(t);
  const port = new URL(url).port;
  const other = new Program(t, [`--listen=127.0.0.1:${port}`, "--admin-listen=off"], { entry: demo });
  const { code, err } = await other.ended;
  assert.equal(code, 2);
  assert.match(err, /^ListenFailed: .+ any free one with 127\.0\.0\.1:0\n$/);
});

test("collapses lines that say the same, with their count", () => {
  for (const isTerminal of [true, false]) {
    let text = "";
    const lines = new Lines({ write: (part) => (text += part), isTerminal, now: () => 0 });
    for (let time = 0; time < 40; time += 1) lines.say("a", `a ${time}`);
    lines.say("b", "b");
    lines.end();
    // A terminal forgets a line that is cleared.
    const left = text
      .replaceAll("\x1b[1A\x1b[2K", "CLEAR")
      .replaceAll(/[^\n]*\nCLEAR/g, "")
      .trim()
      .split("\n")
      .map((line) => line.slice(10));
    assert.deepEqual(left, isTerminal ? ["a 39  ×40", "b"] : ["a 0", "a 39  ×40", "b"]);
  }
});

const introOf = (env: Record<string, string>, profile: Record<string, string> = {}, boto?: BotoFile) =>
  intro({
    boto,
    url: "http://127.0.0.1:9911",
    admin: undefined,
    env,
    shared: { profiles: new Map([["default", new Map(Object.entries(profile))]]) },
  });

test("says which of the machine's own keys and profiles would win", () => {
  assert.doesNotMatch(introOf({}, { region: "eu-west-1" }), /would win/);
  assert.match(
    introOf({ AWS_PROFILE: "x" }),
    /# AWS_PROFILE would win over the demo, so first:\n {2}unset AWS_PROFILE\n {2}export AWS_CONTAINER/,
  );
  const keys = introOf({}, { aws_access_key_id: "x", aws_secret_access_key: "x" });
  assert.match(
    keys,
    /# the default profile in ~\/\.aws would win .+\n {2}export AWS_SHARED_CREDENTIALS_FILE=\/dev\/null AWS_CONFIG_FILE=\/dev\/null\n/,
  );
  assert.match(introOf({}, { sso_session: "x" }), /would win/);
});

test("says that a file of boto 2 would win, and what to write", () => {
  assert.match(
    introOf({}, {}, { path: "/home/fake/.boto", holds: "keys" }),
    /# \/home\/fake\/\.boto would win over the demo, so first:\n {2}export BOTO_CONFIG=\/dev\/null\n/,
  );
});
