/** The command `refresh`, against a running sidecar. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { refresh } from "../../src/commands/refresh.ts";
import type { Credentials } from "../../src/credentials.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import { closedPort } from "../support/fake-http.ts";
import { serveProgram } from "../support/program.ts";
import { serveForTest } from "../support/served.ts";
import { fakeCredentials, upstreamOf } from "../support/upstreams.ts";

const shorterEachTime = (call: number) => fakeCredentials(EPOCH + HOUR - call * MINUTE);

interface Given {
  readonly answer?: (call: number) => Credentials;
  readonly flags?: readonly string[];
}

/** A running sidecar with two identities, and the command beside it. */
async function beside(t: TestContext, { answer = shorterEachTime, flags = [] }: Given = {}) {
  const edge = fakeEdge();
  const upstreams = { default: upstreamOf(answer), reports: upstreamOf(answer) };
  const served = await serveForTest({ edge, upstreams, flags });
  t.after(() => served.close());
  await edge.clock.advance(0);
  const run = async (...names: readonly string[]) => {
    const own = fakeEdge();
    const code = await refresh([...names, `--admin-listen=${new URL(served.adminUrl).host}`, ...flags], own);
    return { code, out: own.out.join(""), err: own.err.join("") };
  };
  const calls = () => [upstreams.default.calls, upstreams.reports.calls];
  return { run, calls, edge };
}

const READ_AGAIN = "Applications sign with what they have until they read again.\n";

test("refresh has every identity refreshed, and says until when", async (t) => {
  const { run, calls } = await beside(t);
  const lines = ["default", "reports"].map((name) => `${name}: refreshed; expires at 2026-01-01T00:58:00Z\n`);
  assert.deepEqual(await run(), { code: 0, out: lines.join("") + READ_AGAIN, err: "" });
  assert.deepEqual(calls(), [2, 2]);
});

test("refresh NAME has that identity refreshed alone", async (t) => {
  const { run, calls } = await beside(t);
  const out = `reports: refreshed; expires at 2026-01-01T00:58:00Z\n${READ_AGAIN}`;
  assert.deepEqual(await run("reports"), { code: 0, out, err: "" });
  assert.deepEqual(calls(), [1, 2]);
});

test("refresh ends with 1 for an identity that is not served, and names those that are", async (t) => {
  const { run } = await beside(t);
  const err = "UnknownIdentity: no such identity is served here; served: default, reports\n";
  assert.deepEqual(await run("nobody"), { code: 1, out: "", err });
});

test("refresh ends with 1 when the last one was less than a minute ago, and says how long to wait", async (t) => {
  const { run, calls } = await beside(t);
  await run();
  const { code, err } = await run("default");
  assert.deepEqual(
    [code, err],
    [1, "RefreshTooSoon: default: was asked for less than a minute ago; try again in 60 s\n"],
  );
  assert.deepEqual(calls(), [2, 2]);
});

test("refresh ends with 1 when upstream gives the same session again", async (t) => {
  const cached = fakeCredentials(EPOCH + HOUR);
  const { run } = await beside(t, { answer: () => cached });
  const { code, err } = await run("default");
  assert.deepEqual(
    [code, err],
    [1, "NotReplaced: default: upstream caches its sessions, and gave the cached one again\n"],
  );
});

test("refresh ends with 1 when upstream fails, with the reason and the remedy", async (t) => {
  const answer = (call: number) => {
    if (call > 1) throw new UpstreamFailure("denied", "upstream denied it", { remedy: "Let it." });
    return fakeCredentials(EPOCH + HOUR);
  };
  const { run } = await beside(t, { answer });
  const { code, err } = await run("default");
  const line = "RefreshFailed: default: upstream denied it; the cached credentials are still served; to do: Let it.\n";
  assert.deepEqual([code, err], [1, line]);
});

test("refresh says that there is nothing to serve, when upstream fails and nothing was ever loaded", async (t) => {
  const answer = () => {
    throw new UpstreamFailure("denied", "upstream denied it", { remedy: "Let it." });
  };
  const { run } = await beside(t, { answer });
  const { code, err } = await run("default");
  const line = "RefreshFailed: default: upstream denied it; there are no credentials to serve; to do: Let it.\n";
  assert.deepEqual([code, err], [1, line]);
});

test("refresh says that there is nothing to serve, when upstream fails and the cached credentials have expired", async (t) => {
  const answer = (call: number) => {
    if (call > 1) throw new UpstreamFailure("unavailable", "upstream is away", { remedy: "Wait." });
    return fakeCredentials(EPOCH + HOUR);
  };
  const { run, edge } = await beside(t, { answer });
  await edge.clock.advance(HOUR);
  assert.match((await run("default")).err, /upstream is away; there are no credentials to serve; to do: Wait\.\n$/);
});

test("refresh sends the auth token of the settings", async (t) => {
  const { run } = await beside(t, { flags: ["--auth-token=fake-auth-token"] });
  assert.equal((await run()).code, 0);
});

test("refresh sends each token of a directory, for the identity that it opens", async (t) => {
  const folder = temporaryDirectory(t);
  for (const name of ["default", "reports"]) writeFileSync(join(folder, name), `fake-token-of-${name}`);
  const { run, calls, edge } = await beside(t, { flags: [`--auth-token-file=${folder}`] });
  assert.equal((await run("reports")).code, 0);
  assert.deepEqual(calls(), [1, 2]);
  await edge.clock.advance(MINUTE);
  const { code, out } = await run();
  assert.equal(code, 0);
  assert.match(out, /^default: refreshed.*\nreports: refreshed/);
});

test("refresh ends with 1 when no sidecar runs, and with 2 when there is nothing to ask", async () => {
  const edge = fakeEdge();
  assert.equal(await refresh([`--admin-listen=127.0.0.1:${await closedPort()}`], edge), 1);
  assert.match(
    edge.err.join(""),
    /^NotReachable: nothing answers at http:\S+\/refresh \(ECONNREFUSED\); start the sidecar, or set SIDECAR_ADMIN_LISTEN as it has it\n$/,
  );
  assert.equal(await refresh(["--admin-listen=off"], edge), 2);
});

test("SIGHUP gets new credentials from upstream, and ends nothing", async (t) => {
  const { program } = await serveProgram(t, ["--upstream=demo"]);
  await program.line("Ready");
  program.signal("SIGHUP");
  const { identity, by } = await program.line("RefreshForced");
  assert.deepEqual([identity, by], ["default", "signal"]);
  await program.lineThat("the forced refresh", ({ code, forced }) => code === "Refreshed" && forced === true);
  program.signal("SIGTERM");
  assert.equal((await program.ended).code, 0);
  assert.deepEqual(
    program.lines.filter(({ level }) => level !== "info"),
    [],
  );
});
