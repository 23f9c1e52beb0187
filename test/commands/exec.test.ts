/** `exec`: a program with a sidecar of its own, by the real program. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { exec } from "../../src/commands/exec.ts";
import { systemClock } from "../../src/edge.ts";
import { temporaryDirectory, writeShared } from "../support/environment.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import { fakeServer } from "../support/fake-http.ts";
import { Program, runProgram } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const child = fileURLToPath(new URL("../support/exec-child.ts", import.meta.url));

/** Runs `exec --demo` with a program that does what its words say; see support/exec-child.ts. */
async function execChild(t: TestContext, words: readonly string[], flags: readonly string[] = ["--demo"], env = {}) {
  return await runProgram(t, ["exec", ...flags, "--", process.execPath, child, ...words], { env });
}

test("gives credentials to nobody without the token", async (t) => {
  const { out, err } = await execChild(t, ["intrude"]);
  assert.equal(out, "401\n");
  assert.match(err, /^\S+ warn {2}Refused a request was refused \(reason token, /);
});

test("gives the program credentials by its variables", async (t) => {
  const { code, out, err } = await execChild(t, ["read", "env"]);
  assert.equal(err, "");
  assert.equal(code, 0);
  const [{ status, accessKeyId }, env] = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(status, 200);
  assert.match(accessKeyId, /^ASIADEMO/);
  assert.match(env.AWS_CONTAINER_CREDENTIALS_FULL_URI, /^http:\/\/127\.0\.0\.1:\d+\/v1\/credentials$/);
  assert.ok(env.AWS_CONTAINER_AUTHORIZATION_TOKEN.length > 40);
});

test("leaves standard output to the program, and the log is quiet", async (t) => {
  const { code, out, err } = await execChild(t, ["nothing"]);
  assert.deepEqual([code, out, err], [0, "", ""]);
});

test("logs on standard error when it is asked to", async (t) => {
  const { out, err } = await execChild(t, ["nothing"], ["--demo", "--log-level=info", "--audit=on"]);
  assert.equal(out, "");
  assert.match(err, /^\d\d:\d\d:\d\d info {2}Refreshed refreshed the credentials \(identity default, /m);
});

test("returns the program's exit code", async (t) => {
  assert.equal((await execChild(t, ["exit", "7"])).code, 7);
});

test("returns 128 and the number of the signal that ended the program", async (t) => {
  assert.equal((await execChild(t, ["die", "SIGKILL"])).code, 137);
  assert.equal((await execChild(t, ["die", "SIGTERM"])).code, 143);
});

test("says that a failed program has read nothing", async (t) => {
  assert.match((await execChild(t, ["exit", "7"])).err, /^\S+ warn {2}NothingRead .+ \(exitCode 7\)\n$/);
  assert.equal((await execChild(t, ["read", "exit", "7"])).err, "");
});

test("returns 127 for a program that is not there, and 126 for one that cannot be run", async (t) => {
  const missing = await runProgram(t, ["exec", "--demo", "--", "nonesuch"]);
  assert.deepEqual([missing.code, missing.err], [127, 'NotStarted: "nonesuch" is not a program that PATH leads to\n']);
  const directory = await runProgram(t, ["exec", "--demo", "--", temporaryDirectory(t)]);
  assert.equal(directory.code, 126);
  assert.match(directory.err, /^NotStarted: "\S+" may not be run\n$/);
});

test("removes what would win over the sidecar, and says so", async (t) => {
  const env = {
    AWS_ACCESS_KEY_ID: "AKIAFAKEFAKEFAKEFAKE",
    AWS_SECRET_ACCESS_KEY: "canary-not-a-secret",
    AWS_PROFILE: "orders",
    AWS_REGION: "eu-west-1",
  };
  const { out, err } = await execChild(t, ["env"], ["--demo"], env);
  const seen = JSON.parse(out);
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"]) assert.equal(name in seen, false);
  assert.equal(seen.AWS_REGION, "eu-west-1");
  assert.match(err, /ShadowingRemoved .+ \(variables AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_PROFILE\)\n$/);
  assert.doesNotMatch(err, /canary/);
});

test("takes away its files when the program has ended", async (t) => {
  const { out } = await execChild(t, ["files"]);
  const { tokenFile, token, mode } = JSON.parse(out);
  assert.ok(token.length > 40);
  assert.equal(mode, 0o600);
  assert.equal(existsSync(dirname(tokenFile)), false);
});

test("runs the program where no file can be written", async (t) => {
  const env = { TMPDIR: "/proc/none", XDG_RUNTIME_DIR: join(temporaryDirectory(t), "none") };
  const { code, out } = await execChild(t, ["read"], ["--demo"], env);
  assert.deepEqual([code, JSON.parse(out).status], [0, 200]);
});

test("takes credentials from the profile, and gives the program what else the profile says", async (t) => {
  const home = temporaryDirectory(t);
  const keys = (id: string) => `aws_access_key_id = ${id}\naws_secret_access_key = canary-not-a-secret\n`;
  writeShared(home, {
    config: "[profile orders]\nregion = eu-north-1\nmfa_serial = x\ns3 =\n  max_queue_size = 5\n",
    credentials: `[default]\n${keys("AKIAWRONGWRONGWRONG1")}[orders]\n${keys("AKIAFAKEFAKEFAKEFAKE")}`,
  });
  const { code, out, err } = await execChild(t, ["read", "config", "env"], ["--profile", "orders"], { HOME: home });
  assert.deepEqual([code, err], [0, ""]);
  const [read = "", ...config] = out.trim().split("\n");
  const env = JSON.parse(config.pop() ?? "");
  assert.equal(JSON.parse(read).accessKeyId, "AKIAFAKEFAKEFAKEFAKE");
  const profile = ["region = eu-north-1", "s3 =", "  max_queue_size = 5"];
  assert.deepEqual(
    config.filter((line) => line !== ""),
    ["[default]", ...profile, '[profile "orders"]', ...profile],
  );
  assert.deepEqual([env.AWS_REGION, env.AWS_DEFAULT_REGION], ["eu-north-1", "eu-north-1"]);
});

test("starts no program without credentials, and says why", async (t) => {
  const { code, out, err } = await execChild(t, ["env"], ["--profile", "nope"]);
  assert.deepEqual([code, out], [1, ""]);
  assert.match(
    err,
    /^NoCredentials: default: the profile "nope" is not in .+; to do: correct the profile "nope" in the shared AWS files\n$/,
  );
});

test("gives up after the time-out", async (t) => {
  const { url } = await fakeServer(t, () => "never");
  const env = { SIDECAR_UPSTREAM: "container", AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/` };
  const { code, err } = await execChild(t, ["env"], ["--timeout=1s"], env);
  assert.deepEqual([code, err], [1, "NoCredentials: upstream has not answered\n"]);
});

const badUsage = [
  [
    ["exec"],
    /^MissingValue: exec needs two dashes and a program to run, such as: .+ exec --profile orders -- aws s3 ls\n$/,
  ],
  [["exec", "--demo", "sh", "-c", "true"], /^MissingValue: exec needs two dashes and a program to run, such as: .+\n$/],
  [["exec", "--demo", "--"], /^MissingValue: exec needs a program to run behind the two dashes, such as: .+\n$/],
  [["exec", "prod", "--", "ls"], /^UnexpectedArgument: unexpected argument "prod"; did you mean --profile prod\?\n$/],
  [["exec", "--profil=x", "--", "ls"], /^UnknownFlag: unknown flag --profil; did you mean --profile\?\n$/],
  [["exec", "--timeout=never", "--", "ls"], /^BadValue: --timeout: "never" is not allowed; allowed: 1s to 1h\n$/],
] as const;

for (const [args, says] of badUsage) {
  test(`ends with 2 for ${args.join(" ")}`, async (t) => {
    const { code, out, err } = await runProgram(t, args);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, says);
  });
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR2"] as const) {
  test(`passes ${signal} on to the program, and goes on until that has ended`, async (t) => {
    const program = new Program(t, ["exec", "--demo", "--", process.execPath, child, "trap"], {});
    await program.says(/trapping/);
    program.signal(signal);
    const { code, out } = await program.ended;
    assert.deepEqual([code, out.trim().split("\n")], [5, ["trapping", `${signal}, and read 200`]]);
  });
}

test("a signal that comes before the program is started ends it", async (t) => {
  const { url } = await fakeServer(t, () => "never");
  const env = { SIDECAR_UPSTREAM: "container", AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/` };
  const program = new Program(t, ["exec", "--log-level=info", "--", "true"], { env });
  await program.says(/Started/);
  program.signal("SIGTERM");
  assert.equal((await program.ended).code, 143);
});

test("a signal that comes between the first credentials and the program starts no program", async () => {
  const edge = fakeEdge({
    env: {
      PATH: process.env.PATH,
      // The first that is read when credentials are there, for the program's files.
      get XDG_RUNTIME_DIR() {
        edge.signal("SIGTERM");
        return undefined;
      },
    },
  });
  // The program would end with 7.
  const code = await exec(["--demo", "--", process.execPath, "--eval", "process.exit(7)"], {
    ...edge,
    clock: systemClock,
  });
  assert.deepEqual([code, edge.err], [143, []]);
});

test("Ctrl-C in a terminal reaches the program once", async (t) => {
  const terminal = new Terminal(t, [main, "exec", "--demo", "--", process.execPath, child, "trap"]);
  await terminal.shows(/trapping/);
  terminal.type("\x03");
  await terminal.shows(/SIGINT, and read 200/);
  terminal.type("\n");
  const { code, shown } = await terminal.ended;
  assert.equal(code, 5);
  assert.equal(shown.match(/SIGINT, and read 200/g)?.length, 1, shown);
});

test("the program has the terminal", async (t) => {
  const terminal = new Terminal(t, [main, "exec", "--demo", "--", process.execPath, child, "ask"]);
  await terminal.shows(/your name\?/);
  terminal.type("Ada\n");
  const { code, shown } = await terminal.ended;
  assert.equal(code, 0);
  assert.match(shown, /hello, Ada, on a terminal/);
});
