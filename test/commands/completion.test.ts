/** The completions, by the real shells. bash is everywhere; zsh and fish where they are installed (conformance/install.sh installs both). */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { completion } from "../../src/commands/completion.ts";
import { commandNames } from "../../src/commands/table.ts";
import { flagName, settingNames } from "../../src/settings/table.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { fakeEdge } from "../support/fake-edge.ts";

type Shell = "bash" | "zsh" | "fish";

function scriptOf(shell: Shell): string {
  const edge = fakeEdge();
  assert.equal(completion([shell], edge), 0);
  return edge.out.join("");
}

function scriptFile(t: TestContext, shell: Shell): string {
  const path = join(temporaryDirectory(t), `completion.${shell}`);
  writeFileSync(path, scriptOf(shell));
  return path;
}

/** What bash offers for the last of `words`. */
function inBash(t: TestContext, words: readonly string[]): readonly string[] {
  const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _aws_credential_sidecar; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = [
    "--noprofile",
    "--norc",
    "-euc",
    script,
    "bash",
    scriptFile(t, "bash"),
    "aws-credential-sidecar",
    ...words,
  ];
  return linesOf(execFileSync("bash", args, { encoding: "utf8" }));
}

/** What fish offers for a command line; its descriptions follow a tab. */
function inFish(t: TestContext, line: string): readonly string[] {
  const script = `source ${scriptFile(t, "fish")}; complete -C "aws-credential-sidecar ${line}"`;
  const env = { PATH: process.env.PATH, HOME: temporaryDirectory(t) };
  return linesOf(execFileSync("fish", ["--no-config", "-c", script], { encoding: "utf8", env })).map(
    (row) => row.split("\t")[0] ?? "",
  );
}

const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");
const isMissing = (shell: Shell) =>
  spawnSync(shell, ["--version"]).error === undefined ? false : `${shell} is not installed`;

suite("bash", () => {
  test("completes commands", (t) => assert.deepEqual(inBash(t, ["he"]), ["healthcheck", "help"]));
  test("offers every command", (t) => {
    const offered = inBash(t, [""]);
    for (const name of commandNames) assert.ok(offered.includes(name), name);
  });
  test("offers every setting as a flag", (t) => {
    assert.deepEqual(inBash(t, ["serve", "--"]).toSorted(), [...settingNames.map(flagName), "--help"].toSorted());
  });
  test("offers a command's own flags", (t) =>
    assert.deepEqual(inBash(t, ["exec", "--pro"]), ["--profile", "--profiles"]));
  test("offers the values of a setting", (t) => {
    assert.deepEqual(inBash(t, ["serve", "--upstream", "web"]), ["web-identity"]);
    assert.deepEqual(inBash(t, ["env", "boto3", "--for", "p"]), ["pod"]);
  });
  test("offers clients", (t) => assert.deepEqual(inBash(t, ["env", "boto"]), ["boto3", "botocore", "botocore-1"]));
  test("takes flags without a command for serve's", (t) => assert.deepEqual(inBash(t, ["--imd"]), ["--imds"]));
  test("leaves what is behind two dashes to the program", (t) => {
    assert.ok(inBash(t, ["exec", "--demo", "--", "bas"]).includes("bash"));
  });
});

suite("zsh", { skip: isMissing("zsh") }, () => {
  test("reads the script, and defines the completion", (t) => {
    const script = `autoload -Uz compinit && compinit -u -D; source ${scriptFile(t, "zsh")}; print $_comps[aws-credential-sidecar]`;
    const env = { PATH: process.env.PATH, HOME: temporaryDirectory(t) };
    assert.equal(execFileSync("zsh", ["-fc", script], { encoding: "utf8", env }), "_aws_credential_sidecar\n");
  });
  test("hands its functions commands, flags and values that they can read", (t) => {
    // Stand-ins that print what they are given, because the real ones work inside the line editor alone.
    const fakes = "compdef() {}; _describe() { print -l $commands }; _arguments() { print -l -- $@ }";
    const inZsh = (words: string) =>
      linesOf(
        execFileSync(
          "zsh",
          [
            "-fc",
            `${fakes}; source ${scriptFile(t, "zsh")}; words=(${words}); CURRENT=$#words; _aws_credential_sidecar`,
          ],
          { encoding: "utf8" },
        ),
      );
    assert.deepEqual(
      inZsh('aws-credential-sidecar ""').map((line) => line.split(":")[0]),
      commandNames,
    );
    const flags = inZsh('aws-credential-sidecar serve ""');
    for (const name of settingNames)
      assert.ok(
        flags.some((line) => line.startsWith(`${flagName(name)}=[`)),
        name,
      );
    assert.ok(flags.some((line) => /^--imds=\[.+\]:value:\(off v2 v1\)$/.test(line)));
  });
});

suite("fish", { skip: isMissing("fish") }, () => {
  test("completes commands", (t) => assert.deepEqual(inFish(t, "he"), ["healthcheck", "help"]));
  test("offers a command's flags", (t) => assert.deepEqual(inFish(t, "exec --pro"), ["--profile", "--profiles"]));
  test("offers the values of a setting", (t) => assert.deepEqual(inFish(t, "serve --upstream web"), ["web-identity"]));
  test("offers clients", (t) => assert.deepEqual(inFish(t, "env boto"), ["boto3", "botocore", "botocore-1"]));
});

test("says which shells there are", () => {
  const edge = fakeEdge();
  assert.equal(completion(["bsh"], edge), 2);
  assert.equal(completion(["tcsh"], edge), 2);
  assert.equal(completion([], edge), 2);
  assert.deepEqual(edge.err, [
    'BadValue: "bsh" is no shell that completion knows; allowed: bash, zsh, fish; did you mean bash?\n',
    'BadValue: "tcsh" is no shell that completion knows; allowed: bash, zsh, fish\n',
    "MissingValue: completion needs a shell; allowed: bash, zsh, fish\n",
  ]);
});
