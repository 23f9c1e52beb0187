/** The real program, killed and started again, with its state in memory. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { processEdge } from "../../src/edge.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { closedPort } from "../support/fake-http.ts";
import { runProgram, serveProgram } from "../support/program.ts";
import { get } from "../support/served.ts";

const hasMemory = existsSync("/dev/shm");

/** A directory that is memory. */
function memory(t: TestContext): string {
  const path = mkdtempSync("/dev/shm/credential-sidecar-");
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const keyAt = async (url: string) =>
  JSON.parse((await get(`${url}/v1/credentials`, { agent: false })).text).AccessKeyId;

test("a sidecar that was killed serves the same credentials when it starts again", { skip: !hasMemory }, async (t) => {
  const flags = ["--upstream=demo", `--state-file=${join(memory(t), "private", "state.json")}`];
  const before = await serveProgram(t, flags);
  await before.program.line("Ready");
  const key = await keyAt(before.url);
  while (!existsSync(flags[1]?.slice("--state-file=".length) ?? "")) await get(`${before.adminUrl}/livez`);
  before.program.signal("SIGKILL");
  await before.program.ended;
  const after = await serveProgram(t, flags);
  const { identity } = await after.program.line("StateRestored");
  assert.deepEqual([identity, await keyAt(after.url)], ["default", key]);
  await after.program.line("Ready");
  after.program.signal("SIGTERM");
  const { code, out, err } = await after.program.ended;
  assert.deepEqual([code, err, /demo-not-a/.test(out)], [0, "", false]);
  assert.ok(!after.program.lines.some((line) => line.code === "Refreshed"), "upstream was not asked");
});

test("every process counts the monotonic clock from the same moment", () => {
  const here = processEdge();
  const now = () => here.clock.monotonicMs() + here.monotonicOriginMs;
  const source = `import { processEdge } from "./src/edge.ts"; const { clock, monotonicOriginMs } = processEdge(); console.log(clock.monotonicMs() + monotonicOriginMs)`;
  const cwd = new URL("../..", import.meta.url);
  const before = now();
  const there = Number(execFileSync(process.execPath, ["--input-type=module-typescript", "-e", source], { cwd }));
  assert.ok(before <= there && there <= now(), `${before}, ${there}`);
});

test("doctor says whether the state file can be kept, and changes nothing", { skip: !hasMemory }, async (t) => {
  const admin = `--admin-listen=127.0.0.1:${await closedPort()}`;
  const doctor = async (path: string) =>
    (await runProgram(t, ["doctor", "--upstream=demo", admin, `--state-file=${path}`])).out;
  const directory = memory(t);
  assert.match(await doctor(`${directory}/private/state.json`), /^ok .*state\.json can be kept/m);
  assert.equal(existsSync(`${directory}/private`), false);
  const onDisk = await doctor("/proc/sys/state.json");
  assert.match(onDisk, /^advice .*state\.json is not on a file system that is memory, so a restart/m);
  assert.match(onDisk, /to do: mount a volume that is memory/);
});

test("a running sidecar whose state file is refused serves, and doctor and the log say why", async (t) => {
  const path = join(temporaryDirectory(t), "missing", "private", "state.json");
  const { program, adminUrl } = await serveProgram(t, [
    "--upstream=demo",
    "--state-medium=any",
    `--state-file=${path}`,
  ]);
  const { reason, remedy } = await program.line("StateNotKept");
  assert.deepEqual([reason, typeof remedy], ["cannot be used (ENOENT)", "string"]);
  await program.line("Ready");
  const { out, code } = await runProgram(t, ["doctor", `--admin-listen=${adminUrl.replace("http://", "")}`]);
  assert.match(out, /^advice .*The state file \S+ cannot be used \(ENOENT\)/m);
  assert.equal(code, 0);
});
