/** `doctor` as a program: exit status, what a pipe and a terminal get, what programs get. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { systemClock } from "../../src/edge.ts";
import { formatTime, MINUTE, SECOND } from "../../src/time.ts";
import { temporaryDirectory, type Variables } from "../support/environment.ts";
import { closedPort, fakeServer } from "../support/fake-http.ts";
import { type Ended, runProgram, serveProgram } from "../support/program.ts";
import { get } from "../support/served.ts";
import { ROLE, stsAnswer, stsError, stsSession } from "../support/sts-answers.ts";

const DEMO = "--upstream=demo";

/** A doctor that finds no sidecar. */
async function alone(t: TestContext, args: readonly string[], env: Variables = {}): Promise<Ended> {
  return await runProgram(t, ["doctor", `--admin-listen=127.0.0.1:${await closedPort()}`, ...args], { env });
}

/** A doctor beside a sidecar with the demo's upstream, or another. */
async function beside(t: TestContext, args: readonly string[], env: Variables = {}, sidecar: Sidecar = {}) {
  const { program, url, adminUrl } = await serveProgram(t, sidecar.flags ?? [DEMO], { env: sidecar.env ?? {} });
  await program.line("Ready");
  const examine = () =>
    runProgram(t, ["doctor", `--admin-listen=${adminUrl.replace("http://", "")}`, ...args], {
      env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials`, ...env },
    });
  return { url, examine };
}

interface Sidecar {
  readonly flags?: readonly string[];
  readonly env?: Variables;
}

const codesOf = (out: string): readonly string[] =>
  JSON.parse(out).findings.map(({ code, severity }: Record<string, string>) => `${severity} ${code}`);

test("ends with 0 when upstream answers, and names the clients that are calm", async (t) => {
  const { code, out, err } = await alone(t, [DEMO]);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^ok {7}No sidecar is running at http:\/\/127\.0\.0\.1:\d+; checking the settings it would start/m);
  assert.match(out, /^ok {7}default: demo .+ answered in \d+ ms: arn:aws:iam::123456789012:role\/demo/m);
  assert.match(out, /^ok {7}default: lifetime: 15m$/m);
  assert.match(out, /^ok {7}calm: .*\bjs-v3\b/m);
  assert.match(out, /^advice {3}calm when named: .*\bbotocore\b/m);
  assert.match(out, /^ok {7}read now and then, .*\bjava-v2\b/m);
  assert.match(out, /\n\nNo problems found\.\n$/);
});

test("ends with 1 when upstream cannot be reached, and says what to look at", async (t) => {
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${await closedPort()}/` };
  const { code, out } = await alone(t, ["--upstream=container"], env);
  assert.equal(code, 1);
  assert.match(out, /^PROBLEM {2}default: container: upstream cannot be reached \(ECONNREFUSED\)/m);
  assert.match(out, /^ {9}to do: nothing listens at 127\.0\.0\.1:\d+: check AWS_CONTAINER_CREDENTIALS_FULL_URI/m);
  assert.match(out, /\n\n1 problem found\.\n$/);
});

/** STS with a clock that is ten minutes ahead, and a role that allows four hours; asked for more, it says so. */
async function fakeSts(t: TestContext): Promise<Variables> {
  const { url } = await fakeServer(t, ({ body }) => {
    const now = systemClock.now() + 10 * MINUTE;
    const asked = Number(new URLSearchParams(body).get("DurationSeconds"));
    const expiration = formatTime(now + asked * SECOND);
    const answer =
      asked > 14_400
        ? stsError(400, "ValidationError", "DurationSeconds exceeds the MaxSessionDuration")
        : stsAnswer("AssumeRoleWithWebIdentity", stsSession({ expiration }));
    return { ...answer, headers: { ...answer.headers, Date: new Date(now).toUTCString() } };
  });
  const token = join(temporaryDirectory(t), "token");
  writeFileSync(token, "fake-web-identity");
  const role = { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: token };
  return { ...role, AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL_STS: url };
}

test("steps down from the duration that was asked for, and tells how far the clocks are apart", async (t) => {
  const { code, out } = await alone(t, ["--upstream=web-identity", "--duration=12h"], await fakeSts(t));
  assert.equal(code, 1);
  assert.match(
    out,
    /^advice {3}default: the role allows sessions of 1h, and none of 5h; a sidecar that runs finds out/m,
  );
  assert.match(out, /^PROBLEM {2}this clock is (?:59\d|60\d) s behind upstream's$/m);
  assert.match(out, /^ok {7}default: lifetime: 1h$/m);
  assert.match(out, /^ok {7}calm: every client$/m);
});

test("shows the settings only when asked to", async (t) => {
  const [short, long] = await Promise.all([alone(t, [DEMO]), alone(t, [DEMO, "--verbose"])]);
  assert.doesNotMatch(short.out, /^SIDECAR_/m);
  assert.match(long.out, /^SIDECAR_UPSTREAM +demo +--upstream$/m);
});

test("ends with 1 for a token file with a newline, and says what to write", async (t) => {
  const path = join(temporaryDirectory(t), "token");
  writeFileSync(path, "fake-token\n");
  const { code, out } = await alone(t, [DEMO, `--auth-token-file=${path}`]);
  assert.equal(code, 1);
  assert.match(out, new RegExp(`^ {9}run: {3}printf %s "\\$TOKEN" > ${path}$`, "m"));
});

test("ends with 2 for variables that lead back to the sidecar, and says what to write", async (t) => {
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:9911/v1/credentials" };
  const { code, out, err } = await alone(t, [], env);
  assert.equal(code, 2);
  assert.match(err, /^Conflict: AWS_CONTAINER_CREDENTIALS_FULL_URI leads back to this sidecar/);
  assert.match(out, /^PROBLEM {2}AWS_CONTAINER_CREDENTIALS_FULL_URI leads back to this sidecar \(127\.0\.0\.1:9911\)/m);
  assert.match(out, /^ {9}write: unset AWS_CONTAINER_CREDENTIALS_FULL_URI$/m);
});

test("gives programs the reasons why settings are bad, with exit code 2", async (t) => {
  const { code, out, err } = await runProgram(t, ["doctor", "--json", "--duration=never"]);
  const message = '--duration: "never" is not allowed; allowed: 15m to 12h';
  assert.deepEqual([code, err], [2, `BadValue: ${message}\n`]);
  const { ok, about, problems, findings } = JSON.parse(out);
  assert.deepEqual([ok, about, problems, findings], [false, "settings", [{ code: "BadValue", message }], []]);
});

test("says what the running sidecar says, and asks no upstream", async (t) => {
  const { examine } = await beside(t, ["--upstream=imds"]);
  const { code, out, err } = await examine();
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^ok {7}A sidecar is running at http:\/\/127\.0\.0\.1:\d+ \(version .+, on .+\)$/m);
  assert.match(out, /^ok {7}default: demo .+, cached, arn:aws:iam::123456789012:role\/demo, key …\S{4}, expires /m);
  assert.match(out, /leads to the sidecar, so these are an application's variables$/m);
  assert.match(out, /\n\nNo problems found\.\n$/);
});

test("says what the running sidecar learned from upstream: which sessions the role allows, and its clock", async (t) => {
  const flags = ["--upstream=web-identity", "--duration=12h"];
  const { examine } = await beside(t, [], {}, { flags, env: await fakeSts(t) });
  const { code, out } = await examine();
  assert.equal(code, 1);
  assert.match(out, /^advice {3}default: the role allows sessions of 1h, and none of 5h; /m);
  assert.match(out, /^PROBLEM {2}this clock is (?:59\d|60\d) s behind upstream's$/m);
  assert.match(out, /^ok {7}default: lifetime: 1h$/m);
  assert.equal(out.match(/behind upstream/g)?.length, 1, "the same is not said twice");
});

test("ends with 1 when the running sidecar refuses requests, and says why", async (t) => {
  const { url, examine } = await beside(t, ["--json"]);
  await get(`${url}/v1/credentials`, { agent: false, headers: { Via: "1.1 fake" } });
  const { code, out } = await examine();
  assert.equal(code, 1);
  assert.ok(codesOf(out).includes("problem refusals"), out);
});

test("gives programs what it finds of the running sidecar, in the order of the text", async (t) => {
  const { examine } = await beside(t, ["--json"]);
  const { code, out } = await examine();
  assert.equal(code, 0);
  const { schema, about, ok } = JSON.parse(out);
  assert.deepEqual([schema, about, ok], [1, "running", true]);
  assert.deepEqual(codesOf(out), [
    "ok sidecar-running",
    "ok identity",
    "ok lifetime",
    "ok clients",
    "advice clients",
    "ok clients",
    "advice clients",
    "ok application-variables",
  ]);
});

test("goes on with the settings where the running sidecar hides its status", async (t) => {
  const { url } = await fakeServer(t, ({ path }) => ({ status: path === "/readyz" ? 200 : 403, body: "{}" }));
  const { code, out } = await runProgram(t, ["doctor", DEMO, "--json", `--admin-listen=${url.replace("http://", "")}`]);
  assert.equal(code, 0);
  assert.deepEqual(codesOf(out).slice(0, 2), ["advice status-hidden", "ok upstream-reached"]);
});

test("writes plain text into a pipe, and the same in colours where colours are asked for", async (t) => {
  const [plain, coloured] = await Promise.all([alone(t, [DEMO]), alone(t, [DEMO], { FORCE_COLOR: "1" })]);
  const numbers = (text: string) => text.replace(/\d+ ms|:\d{2,}|…\S+|expires \S+/g, "…");
  assert.equal(stripVTControlCharacters(plain.out), plain.out);
  assert.notEqual(stripVTControlCharacters(coloured.out), coloured.out);
  assert.equal(numbers(stripVTControlCharacters(coloured.out)), numbers(plain.out));
});

test("writes no colours into JSON", async (t) => {
  const { out } = await alone(t, [DEMO, "--json"], { FORCE_COLOR: "1" });
  assert.equal(JSON.parse(out).ok, true);
  assert.equal(stripVTControlCharacters(out), out);
});

test("names the files that win over the sidecar in an application's home, with the lines to write", async (t) => {
  const home = temporaryDirectory(t);
  writeFileSync(join(home, ".boto"), "[Credentials]\naws_access_key_id = AKIAFAKE000000000001\n");
  const { examine } = await beside(t, [], { HOME: home });
  const { code, out } = await examine();
  assert.equal(code, 1);
  assert.match(out, /^PROBLEM {2}\S+\/\.boto has keys of boto 2: boto3 and the AWS CLI take those/m);
  assert.match(out, /^ {9}write: BOTO_CONFIG=\/dev\/null$/m);
  const freed = await runFreed(t, home);
  assert.equal(freed.code, 0, freed.out);
});

/** As the line says. */
async function runFreed(t: TestContext, home: string): Promise<Ended> {
  const { examine } = await beside(t, [], { HOME: home, BOTO_CONFIG: "/dev/null" });
  return await examine();
}
