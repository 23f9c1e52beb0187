/** Signals, rejections, pipes and diagnostics one by one: test/process. Failures of upstream one by one: test/upstream. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { otherSignals } from "../../src/edge.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { type Serving, serveProgram } from "../support/program.ts";
import { get } from "../support/served.ts";
import { inAnHour } from "../support/sts-answers.ts";

const GOOD_KEY = "ASIAFAKEGOOD00000001";

/** What each faulty identity's profile says. */
const faults: Readonly<Record<string, (folder: string) => string>> = {
  missing: (folder) => `credential_process = ${join(folder, "missing")}`,
  fails: () => "credential_process = false",
  killed: () => "credential_process = sh -c 'kill -9 $$'",
  hangs: () => "credential_process = sleep 1000",
  floods: () => "credential_process = yes",
  garbage: () => "credential_process = head -c 100000 /dev/urandom",
  folder: (folder) => webIdentity(folder),
  device: () => webIdentity("/dev/zero"),
  fifo: (folder) => webIdentity(fifoIn(folder)),
};

/** Faults whose attempt ends by its time-out alone. */
const HANGING = ["hangs"];

const webIdentity = (file: string): string =>
  `role_arn = arn:aws:iam::123456789012:role/app\nweb_identity_token_file = ${file}`;

/** A pipe that nobody writes to: it hangs whoever opens it. */
function fifoIn(folder: string): string {
  const path = join(folder, "fifo");
  execFileSync("mkfifo", [path]);
  return path;
}

/** A sidecar with one good identity, the default, and one for each fault. */
function environment(folder: string) {
  const document = { Version: 1, AccessKeyId: GOOD_KEY, SecretAccessKey: "fake", SessionToken: "fake" };
  writeFileSync(join(folder, "good"), JSON.stringify({ ...document, Expiration: inAnHour() }));
  const profiles = [
    `[profile good]\ncredential_process = cat ${join(folder, "good")}`,
    ...Object.entries(faults).map(([name, fault]) => `[profile ${name}]\n${fault(folder)}`),
  ];
  writeFileSync(join(folder, "config"), profiles.join("\n\n"));
  return {
    SIDECAR_PROFILES: ["good", ...Object.keys(faults)].join(","),
    AWS_CONFIG_FILE: join(folder, "config"),
    AWS_REGION: "eu-west-1",
    AWS_ENDPOINT_URL_STS: "http://127.0.0.1:1",
  };
}

async function assertServesGood({ url }: Serving): Promise<void> {
  const { status, text } = await get(`${url}/v1/credentials`, { agent: false });
  assert.equal(status, 200);
  assert.equal(JSON.parse(text).AccessKeyId, GOOD_KEY);
}

test("No fault of an upstream, a file, a pipe, a signal or another identity ends the process or touches what another identity serves.", async (t) => {
  const serving = await serveProgram(t, [], { env: environment(temporaryDirectory(t)) });
  const { program, url, adminUrl } = serving;
  await program.lineThat("the good identity", (line) => line.code === "Refreshed" && line.identity === "default");
  await assertServesGood(serving);
  const ending = Object.keys(faults).filter((name) => !HANGING.includes(name));
  for (const name of ending) {
    await program.lineThat(name, (line) => line.code === "RefreshFailed" && line.identity === name);
    assert.equal((await get(`${url}/v1/credentials/${name}`)).status, 503, name);
  }
  await assertServesGood(serving);
  for (const signal of otherSignals) program.signal(signal);
  program.loseOutput();
  await assertServesGood(serving);
  assert.equal((await get(`${adminUrl}/livez`)).status, 200);
  program.signal("SIGTERM");
  assert.equal((await program.ended).code, 0);
});
