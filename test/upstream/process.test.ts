import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { FailureKind } from "../../src/upstream/failure.ts";
import { useEnvironment, writeShared } from "../support/environment.ts";
import { clockOfToday, defaultUpstream, failsAndKeeps, failureOf, fetchOnce, SAID } from "../support/identities.ts";
import { inAnHour } from "../support/sts-answers.ts";

const KEYS = { Version: 1, AccessKeyId: "AKIAFAKEPROC00000000", SecretAccessKey: "fake-process-secret" };
const SESSION = { ...KEYS, SessionToken: "fake-process-token", Expiration: "2099-01-01T00:00:00Z" };

interface Fixture {
  /** What the program prints from now on. */
  readonly prints: (text: string) => void;
  /** The program from now on. */
  readonly runs: (command: string) => void;
}

/** A profile whose `credential_process` prints a file. */
function fixture(t: TestContext, answer: object = KEYS): Fixture {
  const { home } = useEnvironment(t, { AWS_PROFILE: "dev" });
  const file = join(home, "answer");
  const runs = (command: string) => writeShared(home, { config: `[profile dev]\ncredential_process = ${command}\n` });
  const prints = (text: string) => writeFileSync(file, text);
  runs(`cat ${file}`);
  prints(JSON.stringify(answer));
  return { prints, runs };
}

const printed = (text: string) => (one: Fixture) => one.prints(text);
const printedJson = (answer: unknown) => printed(JSON.stringify(answer));
const ran = (command: string) => (one: Fixture) => one.runs(command);

const spoilt: readonly (readonly [name: string, turnBad: (one: Fixture) => void, kind: FailureKind])[] = [
  ["prints no JSON", printed(SAID), "malformed"],
  ["prints nothing", printed(""), "malformed"],
  ["prints another version", printedJson({ ...SESSION, Version: 2 }), "malformed"],
  ["prints no key", printedJson({ Version: 1, SecretAccessKey: SAID }), "malformed"],
  ["prints a key that is none", printedJson({ ...SESSION, AccessKeyId: SAID }), "malformed"],
  ["prints a token with a line break", printedJson({ ...SESSION, SessionToken: `fake\n${SAID}` }), "malformed"],
  ["prints an expiration that is none", printedJson({ ...SESSION, Expiration: SAID }), "malformed"],
  ["prints credentials that have expired", printedJson({ ...SESSION, Expiration: "2020-01-01T00:00:00Z" }), "expired"],
  ["prints 10 MB", printed(SAID.repeat(600_000)), "malformed"],
  ["exits with 1", ran(`echo ${SAID} >&2; exit 1`), "unavailable"],
  ["fails to connect and says so", ran(`echo ${SAID} ECONNREFUSED >&2; exit 1`), "unreachable"],
  ["is not there", ran("/nonexistent/program"), "not-configured"],
];

for (const kind of ["process", "profile"]) {
  const flags = [`--upstream=${kind}`];

  test(`${kind}: a program that prints no expiration gives static keys`, async (t) => {
    fixture(t);
    assert.deepEqual(await fetchOnce(defaultUpstream(flags)), {
      accessKeyId: KEYS.AccessKeyId,
      secretAccessKey: KEYS.SecretAccessKey,
      sessionToken: "",
      lifetime: { kind: "unlimited" },
      accountId: undefined,
      roleArn: undefined,
      fromProgram: true,
    });
  });

  test(`${kind}: a program that prints a session gives it with its expiration and its account`, async (t) => {
    fixture(t, { ...SESSION, AccountId: "123456789012" });
    assert.deepEqual(await fetchOnce(defaultUpstream(flags)), {
      accessKeyId: SESSION.AccessKeyId,
      secretAccessKey: SESSION.SecretAccessKey,
      sessionToken: SESSION.SessionToken,
      lifetime: { kind: "until", expiration: Date.UTC(2099, 0, 1) },
      accountId: "123456789012",
      roleArn: undefined,
      fromProgram: true,
    });
  });

  test(`${kind}: the program runs again at each refresh`, async (t) => {
    const { prints } = fixture(t);
    const upstream = defaultUpstream(flags);
    await fetchOnce(upstream);
    prints(JSON.stringify({ ...KEYS, AccessKeyId: "AKIAFAKEPROC00000001" }));
    assert.equal((await fetchOnce(upstream)).accessKeyId, "AKIAFAKEPROC00000001");
  });

  for (const [name, turnBad, expected] of spoilt) {
    test(`${kind}: a program that ${name} is ${expected}, and costs nothing that is held`, async (t) => {
      const one = fixture(t, { ...SESSION, Expiration: inAnHour() });
      const failure = await failsAndKeeps(defaultUpstream(flags), () => turnBad(one));
      assert.equal(failure.kind, expected);
    });
  }
}

/** A program that says when it runs, and then hangs with a child of its own. */
function hanging(home: string): { readonly command: string; readonly running: () => Promise<string> } {
  const pipe = join(home, "running");
  execFileSync("mkfifo", [pipe]);
  const command = `sh -c "trap '' TERM; echo $$ >> ${join(home, "ran")}; echo run > ${pipe}; sleep 1000 & wait; sleep 1000"`;
  return { command, running: () => readFile(pipe, "utf8") };
}

/** Resolves when no process of the group is left; `kill(0)` is the only way to ask. */
async function groupEnded(group: number): Promise<void> {
  for (;;) {
    try {
      process.kill(-group, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a program that hangs is ended at the time-out with all that it started, and the next attempt runs it again", async (t) => {
  const { runs } = fixture(t);
  const home = process.env.HOME ?? "";
  const { command, running } = hanging(home);
  runs(command);
  const clock = clockOfToday();
  const upstream = defaultUpstream(["--upstream=process"], { clock });
  for (const round of [1, 2]) {
    const over = new AbortController();
    const failed = assert.rejects(upstream.fetch(over.signal), { kind: "timeout" });
    await running();
    over.abort();
    // It ignores SIGTERM, and is killed 2 s later.
    await clock.waitForTimer();
    await clock.advance(2_000);
    await failed;
    const groups = readFileSync(join(home, "ran"), "utf8").trim().split("\n");
    assert.equal(groups.length, round);
    await groupEnded(Number(groups.at(-1)));
  }
});

test("an attempt does not run the program while the one of the attempt before is ending", async (t) => {
  const { runs, prints } = fixture(t, { ...SESSION, Expiration: inAnHour() });
  const home = process.env.HOME ?? "";
  const { command, running } = hanging(home);
  runs(command);
  const clock = clockOfToday();
  const upstream = defaultUpstream(["--upstream=process"], { clock });
  const over = new AbortController();
  const failed = assert.rejects(upstream.fetch(over.signal), { kind: "timeout" });
  await running();
  over.abort();
  await clock.waitForTimer();
  runs(`cat ${join(home, "answer")}`);
  prints(JSON.stringify(SESSION));
  let answered = false;
  const next = upstream.fetch(new AbortController().signal).then((credentials) => {
    answered = true;
    return credentials;
  });
  assert.equal(answered, false);
  await clock.advance(2_000);
  await failed;
  assert.equal((await next).accessKeyId, SESSION.AccessKeyId);
});

for (const [name, command] of [
  ["a semicolon in quotes", 'sh -c "true ; cat FILE"'],
  ["a number sign in quotes", `sh -c "cat FILE" -- "team #4"`],
  ["2 MB on stderr", 'sh -c "head -c 2000000 /dev/zero >&2; cat FILE"'],
  ["a comment as the shell knows it", "cat FILE # the answer"],
  ["a command line on two lines", "cat\n    FILE"],
] as const) {
  test(`a program with ${name} gives its answer`, async (t) => {
    const { runs } = fixture(t);
    runs(command.replace("FILE", join(process.env.HOME ?? "", "answer")));
    assert.equal((await fetchOnce(defaultUpstream(["--upstream=process"]))).accessKeyId, KEYS.AccessKeyId);
  });
}

test("a program that prints without end is ended, and malformed", async (t) => {
  const { runs } = fixture(t);
  runs("cat /dev/zero");
  assert.equal((await failureOf(defaultUpstream(["--upstream=process"]))).kind, "malformed");
});

test("process without a profile of that name, or without a program in it, is not configured", async (t) => {
  const { home } = useEnvironment(t, { AWS_PROFILE: "dev" });
  const upstream = defaultUpstream(["--upstream=process"]);
  assert.equal((await failureOf(upstream)).kind, "not-configured");
  writeShared(home, { config: "[profile dev]\nregion = eu-west-1\n" });
  assert.equal((await failureOf(upstream)).kind, "not-configured");
});
