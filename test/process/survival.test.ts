/** The real program, and what would end it or show its memory: rejections, signals, lost pipes, Node's own tools. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import packageJson from "../../package.json" with { type: "json" };
import { otherSignals } from "../../src/edge.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { closedPort } from "../support/fake-http.ts";
import { type ProgramOptions, runProgram, type Serving, serveProgram } from "../support/program.ts";
import { get } from "../support/served.ts";

async function serveDemo(t: TestContext, options: ProgramOptions = {}): Promise<Serving> {
  const serving = await serveProgram(t, ["--upstream=demo"], options);
  await serving.program.line("Ready");
  return serving;
}

async function assertServes({ url }: Serving): Promise<void> {
  assert.equal((await get(`${url}/v1/credentials`, { agent: false })).status, 200);
}

/** Loaded into the program before its own code; acts at the first request. */
const preload = (query: string): readonly string[] => [
  "--import",
  new URL(`../support/crash.mjs?${query}`, import.meta.url).href,
];

for (const mode of ["throw", "strict", "warn"]) {
  test(`survives a rejection that nobody awaits (--unhandled-rejections=${mode}), logs and counts it`, async (t) => {
    const nodeFlags = [`--unhandled-rejections=${mode}`, ...preload("rejection")];
    const serving = await serveDemo(t, { nodeFlags });
    const { program, adminUrl } = serving;
    await assertServes(serving);
    const { error, frames, level } = await program.line("UnhandledRejection");
    assert.deepEqual([error, level], ["Error", "error"]);
    assert.match(String(frames), /crash\.mjs/);
    await assertServes(serving);
    const { text } = await get(`${adminUrl}/metrics`);
    assert.match(text, /^credential_sidecar_unhandled_rejections_total [1-9]/m);
    program.signal("SIGTERM");
    const { code, out, err } = await program.ended;
    assert.equal(code, 0);
    assert.doesNotMatch(out + err, /canary/);
  });
}

for (const kind of ["warning", "console"] as const) {
  test(`prints no ${kind === "console" ? "word of a library by the console" : "warning of Node or of a library"}`, async (t) => {
    const serving = await serveDemo(t, { nodeFlags: preload(kind) });
    await assertServes(serving);
    await assertServes(serving);
    serving.program.signal("SIGTERM");
    const { out, err } = await serving.program.ended;
    assert.equal(err, "");
    assert.doesNotMatch(out, /canary/);
  });
}

test("survives every signal that does not ask it to stop", async (t) => {
  const serving = await serveDemo(t);
  for (const signal of otherSignals) {
    serving.program.signal(signal);
    await serving.program.lineThat(signal, (line) => line.code === "SignalIgnored" && line.signal === signal);
  }
  await assertServes(serving);
  serving.program.signal("SIGTERM");
  const { code, err } = await serving.program.ended;
  assert.deepEqual([code, err], [0, ""]);
});

test("serves on when its log pipe is lost", async (t) => {
  const serving = await serveDemo(t);
  serving.program.loseOutput();
  // Each is a line that cannot be written.
  for (const signal of otherSignals) serving.program.signal(signal);
  await untilLinesAreLost(serving.adminUrl);
  await assertServes(serving);
});

async function untilLinesAreLost(adminUrl: string): Promise<void> {
  for (;;) {
    const { text } = await get(`${adminUrl}/metrics`);
    if (/^credential_sidecar_log_lines_lost_total [1-9]/m.test(text)) return;
  }
}

/** Whether anything listens on a port of the loopback. */
async function listensOn(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test("SIGUSR1 opens no inspector", async (t) => {
  const port = await closedPort();
  const { program } = await serveDemo(t, { env: { NODE_OPTIONS: `--inspect-port=${port}` } });
  program.signal("SIGUSR1");
  await program.line("SignalIgnored");
  assert.equal(await listensOn(port), false);
  assert.equal(program.err, "");
});

test("closes the inspector that NODE_OPTIONS opened", async (t) => {
  const port = await closedPort();
  const { program } = await serveDemo(t, { env: { NODE_OPTIONS: `--inspect=${port}` } });
  assert.equal(await listensOn(port), false);
  assert.match(program.err, /^\{"level":"warn","code":"DiagnosticsClosed","closed":\["inspector"\]\}$/m);
});

test("writes no diagnostic report and no heap snapshot, whichever signal NODE_OPTIONS gives them", async (t) => {
  const folder = temporaryDirectory(t);
  const reports = `--report-on-signal --report-signal=SIGUSR2 --report-uncaught-exception --report-directory=${folder}`;
  const NODE_OPTIONS = `${reports} --heapsnapshot_signal=SIGHUP --diagnostic-dir=${folder}`;
  const serving = await serveDemo(t, { env: { NODE_OPTIONS }, nodeFlags: preload("error") });
  for (const signal of ["SIGUSR2", "SIGHUP"] as const) {
    serving.program.signal(signal);
    await serving.program.line(signal === "SIGHUP" ? "RefreshForced" : "SignalIgnored");
  }
  await get(`${serving.url}/v1/credentials`, { agent: false }).catch(() => "it may end before it answers");
  assert.equal((await serving.program.ended).code, 1);
  assert.deepEqual(readdirSync(folder), []);
});

test("a crash leaves no core dump where NODE_OPTIONS asks for one", async (t) => {
  const nodeFlags = ["--abort-on-uncaught-exception", ...preload("error")];
  const { program, url } = await serveDemo(t, { nodeFlags });
  await get(`${url}/v1/credentials`, { agent: false }).catch(() => "it may end before it answers");
  assert.equal((await program.ended).code, 1);
});

for (const option of ["--heapsnapshot-near-heap-limit=1", "--heapsnapshot_near_heap_limit=2"]) {
  test(`does not start with ${option}, which cannot be turned off`, async (t) => {
    const { code, err, out } = await runProgram(t, ["serve", "--upstream=demo"], { env: { NODE_OPTIONS: option } });
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, /^ForbiddenNodeOption: --heapsnapshot-near-heap-limit writes .+\n$/);
  });
}

for (const command of ["serve", "doctor", "check"]) {
  test(`${command} on a Node that is too old says which it needs and which it found`, async (t) => {
    const old = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.1.0'}})";
    const { code, err, out } = await runProgram(t, [command], { nodeFlags: ["--import", old] });
    assert.deepEqual([code, out], [2, ""]);
    const [, needed] = /^NodeTooOld: needs Node (\d+) or later, and this is Node 20\.1\.0 \(\S+\)\n$/.exec(err) ?? [];
    assert.equal(`>=${needed}`, packageJson.engines.node);
  });
}
