/** The real program, forked: signals, exit codes, one clear line for what is wrong. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { stopSignals } from "../src/edge.ts";
import { environmentName, settingNames } from "../src/settings/table.ts";
import { documentAnswer } from "./support/credential-documents.ts";
import { temporaryDirectory } from "./support/environment.ts";
import { closedPort, fakeServer } from "./support/fake-http.ts";
import { Program, runProgram, serveProgram } from "./support/program.ts";
import { get } from "./support/served.ts";
import { Terminal } from "./support/terminal.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

const DEMO = "--upstream=demo";
const LISTEN = ["--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"];

/** A container endpoint that never answers, as upstream: every read of the sidecar then waits. */
async function hangingUpstream(t: TestContext) {
  const { url } = await fakeServer(t, () => "never");
  return { SIDECAR_UPSTREAM: "container", AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/` };
}

for (const signal of stopSignals) {
  test(`stops at ${signal} with exit code 0 and says so`, async (t) => {
    const { program } = await serveProgram(t, [DEMO]);
    await program.line("Ready");
    program.signal(signal);
    const { code, err } = await program.ended;
    assert.equal(code, 0);
    assert.equal(err, "");
    assert.deepEqual(
      program.lines.map((line) => line.code),
      ["Started", "Refreshed", "Ready", "Stopping", "Stopped"],
    );
  });
}

test("answers the reads in flight when it is told to stop", async (t) => {
  const { program, url, adminUrl } = await serveProgram(t, [], { env: await hangingUpstream(t) });
  const reads = Array.from({ length: 5 }, () => get(`${url}/v1/credentials`, { agent: false }));
  await untilCoalesced(adminUrl, 5);
  program.signal("SIGTERM");
  for (const { status, text } of await Promise.all(reads)) {
    assert.equal(status, 503);
    assert.equal(JSON.parse(text).code, "CredentialsNotReady");
  }
  assert.equal((await program.ended).code, 0);
});

/** Until so many reads wait for a flight, as the metrics count them. */
async function untilCoalesced(adminUrl: string, reads: number): Promise<void> {
  for (;;) {
    const { text } = await get(`${adminUrl}/metrics`);
    const [, count] = /^credential_sidecar_flights_coalesced_total\{[^}]*\} (\d+)$/m.exec(text) ?? [];
    if (Number(count) >= reads) return;
  }
}

test("serves on for the shutdown delay, until a second signal ends it at once", async (t) => {
  const { program, url } = await serveProgram(t, [DEMO, "--shutdown-delay=1h"]);
  await program.line("Ready");
  program.signal("SIGTERM");
  await program.line("ShutdownDelayed");
  assert.equal((await get(`${url}/v1/credentials`, { agent: false })).status, 200);
  program.signal("SIGTERM");
  assert.equal((await program.ended).code, 0);
  assert.deepEqual([program.lines.at(-1)?.code, program.lines.at(-1)?.signal], ["StoppedAtOnce", "SIGTERM"]);
});

test("tells the settings that were set at its start, and a token only as set", async (t) => {
  const env = { SIDECAR_AUTH_TOKEN: "fake-auth-token", SIDECAR_CLIENT: "botocore" };
  const { program } = await serveProgram(t, [DEMO], { env });
  const { settings } = await program.line("Started");
  const reported = settings as Record<string, string>;
  assert.equal(reported.SIDECAR_UPSTREAM, "demo (--upstream)");
  assert.equal(reported.SIDECAR_CLIENT, "botocore (SIDECAR_CLIENT)");
  assert.equal(reported.SIDECAR_AUTH_TOKEN, "set (SIDECAR_AUTH_TOKEN)");
  assert.equal("SIDECAR_DURATION" in reported, false);
});

test("tells the AWS and proxy variables in force at its start, without secrets", async (t) => {
  const env = { AWS_REGION: "eu-west-1", AWS_SECRET_ACCESS_KEY: "canary", HTTPS_PROXY: "http://canary:canary@proxy:1" };
  const { program } = await serveProgram(t, [DEMO], { env });
  const { variables } = await program.line("Started");
  assert.deepEqual(variables, {
    AWS_REGION: "eu-west-1",
    AWS_SECRET_ACCESS_KEY: "set",
    AWS_EC2_METADATA_DISABLED: "true",
    HTTPS_PROXY: "http://***@proxy:1",
  });
});

for (const [what, env, colour] of [
  ["in colour on a terminal", {}, true],
  ["without colour where NO_COLOR is set", { NO_COLOR: "1" }, false],
] as const) {
  test(`logs text ${what}, a line for each event`, async (t) => {
    const terminal = new Terminal(t, [main, DEMO, ...LISTEN], env);
    await terminal.shows(/Ready/);
    terminal.type("\x03");
    const { code, shown } = await terminal.ended;
    assert.equal(code, 0);
    const lines = stripVTControlCharacters(shown).replaceAll("^C", "").trim().split("\r\n");
    assert.deepEqual(
      lines.map((line) => /^\d\d:\d\d:\d\d info {2}(\w+) /.exec(line)?.[1]),
      ["Started", "Refreshed", "Ready", "Stopping", "Stopped"],
    );
    assert.equal(shown.includes("\x1b["), colour);
  });
}

test("logs JSON on a terminal, and text to a pipe, where SIDECAR_LOG_FORMAT says so", async (t) => {
  const terminal = new Terminal(t, [main, DEMO, ...LISTEN], { SIDECAR_LOG_FORMAT: "json" });
  await terminal.shows(/"code":"Ready"/);
  terminal.type("\x03");
  await terminal.ended;
  const program = new Program(t, [DEMO, ...LISTEN, "--log-format=text"], {});
  await program.says(/info {2}Ready every identity has credentials\n/);
  program.signal("SIGTERM");
  assert.equal((await program.ended).code, 0);
});

test("shows what is set and the defaults, and not what is unset, with check", async (t) => {
  const { out } = await runProgram(t, ["check", "--imds=off"], { env: { AWS_PROFILE: "orders" } });
  assert.match(out, /^SIDECAR_IMDS +off +--imds$/m);
  assert.match(out, /^SIDECAR_DURATION +1h +default$/m);
  assert.match(out, /^AWS_PROFILE +orders$/m);
  assert.doesNotMatch(out, /unset|SIDECAR_ROLE_ARN/);
});

interface BadStart {
  readonly name: string;
  readonly args: (t: TestContext) => Promise<readonly string[]>;
  readonly says: RegExp;
}

const badStarts: readonly BadStart[] = [
  {
    name: "a port in use",
    args: async (t) => {
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
      t.after(() => taken.close());
      const address = taken.address();
      return [DEMO, `--listen=127.0.0.1:${typeof address === "object" ? address?.port : ""}`, "--admin-listen=off"];
    },
    says: /^ListenFailed: cannot listen on 127\.0\.0\.1, port \d+: the port is in use; another sidecar may be running: stop it, or take another port with SIDECAR_LISTEN \(--listen\) 127\.0\.0\.1:\d+, or any free one with 127\.0\.0\.1:0\n$/,
  },
  {
    name: "an address of another machine",
    args: async () => [DEMO, "--listen=169.254.77.77:0", "--admin-listen=off"],
    says: /^ListenFailed: cannot listen on 169\.254\.77\.77, port 0: this pod has no such address\n$/,
  },
  {
    name: "a token file that is not there",
    args: async (t) => [DEMO, ...LISTEN, `--auth-token-file=${join(temporaryDirectory(t), "none")}`],
    says: /^TokenFileUnusable: the token file \S+ cannot be read \(ENOENT\)\n$/,
  },
  {
    name: "an open address without a token",
    args: async () => [DEMO, "--listen=:0"],
    says: /^Conflict: SIDECAR_LISTEN \(--listen\): :0 can be reached from outside this pod; allowed: .+\n$/,
  },
  {
    name: "an unknown command",
    args: async () => ["sevre"],
    says: /^UnknownCommand: "sevre"; did you mean serve\?\n$/,
  },
  {
    name: "a command that is like no other",
    args: async () => ["deploy"],
    says: /^UnknownCommand: "deploy"; allowed: serve, exec, .+\n$/,
  },
  {
    name: "a version too many",
    args: async () => ["version", "now"],
    says: /^UnexpectedArgument: unexpected argument "now"\n$/,
  },
  {
    name: "help for an unknown command",
    args: async () => ["help", "doktor"],
    says: /^UnknownCommand: "doktor"; did you mean doctor\?\n$/,
  },
];

for (const { name, args, says } of badStarts) {
  test(`ends with exit code 2 and one line for ${name}`, async (t) => {
    const { code, out, err } = await runProgram(t, await args(t));
    assert.equal(code, 2);
    assert.match(err, says);
    assert.equal(out, "");
  });
}

test("tells every problem of the settings at once, with exit code 2", async (t) => {
  const env = { SIDECAR_DURATION: "5m", SIDECAR_FOO: "1", SIDECAR_SERVICE_HOST: "10.0.0.1" };
  const { code, err } = await runProgram(t, ["check", "--imds=v3", "--nonsense=1"], { env });
  assert.equal(code, 2);
  assert.deepEqual(err.trim().split("\n").sort(), [
    'BadValue: --imds: "v3" is not allowed; allowed: off, v2, v1',
    'BadValue: SIDECAR_DURATION: "5m" is not allowed; allowed: 15m to 12h',
    "UnknownFlag: unknown flag --nonsense; --help lists the flags",
    "UnknownVariable: unknown variable SIDECAR_FOO; --help lists the variables",
  ]);
});

for (const command of ["serve", "exec", "check", "doctor", "refresh", "healthcheck", "wait"]) {
  test(`${command} ends with exit code 2 for bad settings`, async (t) => {
    const { code, out, err } = await runProgram(t, [
      command,
      "--duration=never",
      ...(command === "exec" ? ["--", "true"] : []),
    ]);
    assert.equal(code, 2);
    assert.equal(err, 'BadValue: --duration: "never" is not allowed; allowed: 15m to 12h\n');
    // The doctor's report has it too.
    assert.equal(
      out,
      command === "doctor"
        ? 'PROBLEM  --duration: "never" is not allowed; allowed: 15m to 12h\n\n1 problem found.\n'
        : "",
    );
  });
}

test("serves where flags come without a command", async (t) => {
  const program = new Program(t, [DEMO, ...LISTEN], {});
  await program.line("Ready");
  program.signal("SIGTERM");
  assert.equal((await program.ended).code, 0);
});

test("check accepts good settings without touching a port or upstream", async (t) => {
  const { code, out, err } = await runProgram(t, ["check", "--upstream=container"]);
  assert.equal(code, 0);
  assert.equal(err, "");
  assert.match(out, /The settings are valid\.\n$/);
});

for (const [args, same] of [
  [["-h"], ["--help"]],
  [["help"], ["--help"]],
  [["--upstream=demo", "--help"], ["--help"]],
  [
    ["doctor", "--help"],
    ["help", "doctor"],
  ],
  [
    ["check", "-h"],
    ["help", "check"],
  ],
  [
    ["serve", "--upstream=demo", "--help"],
    ["help", "serve"],
  ],
  [
    ["exec", "--help", "--", "ls"],
    ["help", "exec"],
  ],
  [["-v"], ["--version"]],
  [["version"], ["--version"]],
] as const) {
  test(`${args.join(" ")} prints what ${same.join(" ")} does`, async (t) => {
    const [printed, expected] = await Promise.all([runProgram(t, args), runProgram(t, same)]);
    assert.deepEqual([printed.code, printed.err, printed.out], [0, "", expected.out]);
  });
}

test("everything behind the two dashes of exec is the program's", async (t) => {
  const { code, out } = await runProgram(t, ["exec", "--demo", "--", process.execPath, "--version"]);
  assert.deepEqual([code, out], [0, `${process.version}\n`]);
});

test("--help names every setting", async (t) => {
  const { code, out } = await runProgram(t, ["--help"]);
  assert.equal(code, 0);
  for (const name of settingNames) assert.ok(out.includes(environmentName(name)), name);
});

test("--version prints the version of package.json", async (t) => {
  const { code, out } = await runProgram(t, ["--version"]);
  assert.equal(code, 0);
  assert.match(out, /^\d+\.\d+\.\d+\n$/);
});

test("healthcheck ends with 0 when ready, with 1 when not, with 2 when there is nothing to ask", async (t) => {
  const ready = await serveProgram(t, [DEMO]);
  await ready.program.line("Ready");
  const cold = await serveProgram(t, [], { env: await hangingUpstream(t) });
  const codeFor = async (address: string) =>
    (await runProgram(t, ["healthcheck", `--admin-listen=${address.replace("http://", "")}`])).code;
  assert.equal(await codeFor(ready.adminUrl), 0);
  assert.equal(await codeFor(cold.adminUrl), 1);
  assert.equal(await codeFor(`127.0.0.1:${await closedPort()}`), 1);
  assert.equal(await codeFor("off"), 2);
});

const adminFlag = (url: string) => `--admin-listen=${url.replace("http://", "")}`;

test("healthcheck says why the sidecar is not ready", async (t) => {
  const env = { SIDECAR_UPSTREAM: "environment" };
  const [open, hidden] = await Promise.all([serveProgram(t, [], { env }), serveProgram(t, ["--status=off"], { env })]);
  await Promise.all([open.program.line("RefreshFailed"), hidden.program.line("RefreshFailed")]);
  const errOf = async (url: string) => (await runProgram(t, ["healthcheck", adminFlag(url)])).err;
  assert.match(await errOf(open.adminUrl), /^NotReady: default loading; .*AWS_ACCESS_KEY_ID.*; next refresh \S+\n$/);
  assert.equal(await errOf(hidden.adminUrl), "NotReady: SIDECAR_STATUS hides why; the sidecar's log says it\n");
  const { url } = await fakeServer(t, () => ({ status: 404, body: "" }));
  assert.match(await errOf(url), /^NotReachable: http:\S+ is no sidecar: it answers 404; start the sidecar, or .+\n$/);
});

test("wait ends with 0 once the sidecar is ready", async (t) => {
  let isUp = false;
  const { url } = await fakeServer(t, () => (isUp ? documentAnswer() : { status: 503 }));
  const env = { SIDECAR_UPSTREAM: "container", AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/` };
  const { program, adminUrl } = await serveProgram(t, [], { env });
  await program.line("RefreshFailed");
  const waiting = runProgram(t, ["wait", adminFlag(adminUrl)]);
  isUp = true;
  const { code, err } = await waiting;
  assert.deepEqual([code, err], [0, ""]);
  await program.line("Ready");
});

test("wait gives up after its time-out, and says why", async (t) => {
  const { adminUrl } = await serveProgram(t, [], { env: await hangingUpstream(t) });
  const cold = await runProgram(t, ["wait", "--timeout=1s", adminFlag(adminUrl)]);
  assert.equal(cold.code, 1);
  assert.match(cold.err, /^NotReady: default loading; .*; gave up after 1s \(--timeout\)\n$/);
  const port = await closedPort();
  const none = await runProgram(t, ["wait", "--timeout", "1s", `--admin-listen=127.0.0.1:${port}`]);
  assert.equal(none.code, 1);
  assert.match(
    none.err,
    /^NotReachable: nothing answers at http:\S+ \(ECONNREFUSED\); start the sidecar, .+; gave up after 1s/,
  );
  assert.equal((await runProgram(t, ["wait", "--timeout=1d"])).code, 2);
  assert.equal((await runProgram(t, ["wait", "--admin-listen=off"])).code, 2);
});

const crashes = [
  ["an error", "?error", "Error", /crash\.mjs/],
  ["an error whose message looks like frames", "?lines", "Error", /crash\.mjs/],
  ["an error whose message was changed", "?later", "Error", /crash\.mjs/],
  ["something that is no error", "?text", "string", undefined],
] as const;

for (const [what, query, error, place] of crashes) {
  test(`ends with exit code 1 at ${what} in the program, and shows the place but not the message`, async (t) => {
    const preload = new URL(`support/crash.mjs${query}`, import.meta.url);
    const { program, url } = await serveProgram(t, [DEMO], { nodeFlags: ["--import", preload.href] });
    await get(`${url}/v1/credentials`, { agent: false }).catch(() => "it may end before it answers");
    const { code, out, err } = await program.ended;
    assert.equal(code, 1);
    const { frames, ...line } = JSON.parse(err);
    assert.deepEqual(line, { level: "error", code: "Crashed", error });
    if (place === undefined) assert.deepEqual(frames, []);
    else assert.match(frames[0], place);
    assert.doesNotMatch(out + err, /canary/);
  });
}
