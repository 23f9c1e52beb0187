/** Canaries are put wherever a secret can be, and no output may contain a piece of one. */
import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { temporaryDirectory, type Variables } from "../support/environment.ts";
import { type FakeAnswer, fakeServer } from "../support/fake-http.ts";
import { fakeImds } from "../support/fake-imds.ts";
import { type Ended, runProgram, type Serving, serveInHost, serveProgram } from "../support/program.ts";
import { get } from "../support/served.ts";
import { inAnHour, stsAnswer, stsError } from "../support/sts-answers.ts";

/** Each is random enough that no piece of it can be there by chance, and has the characters of a real one. */
const canaries = {
  accessKeyId: "ASIAQ7XKZ3WV9M2TB4RJ",
  secretAccessKey: "sK9vQ2mXz7/LrT4wYb8N+cE1pJh6UdGa3F",
  sessionToken: "tK5nW8yRq3Vx//B7zMf2LcS9jH+d4PgUa6EoTi1Yk0==",
  authToken: "aT4hX9kPm2QwZ7vNs5RbC8fLd3JyGe6U",
  webIdentityToken: "wI7cZ2vLq9XmK4.tRn8SbY5hF_d3PjG.e6A-k1Vu",
  said: "uS3pX8mKz5WqV2tLr9NbY7cJh4FdGe6T",
};

/** Long enough not to be there by chance. */
const PIECE = 12;
/** The last four of an access key ID are shown on purpose, and no more. */
const SHOWN = 4;

/** A canary as it is, and as encodings would have it; in base64 its letters depend on how many bytes are before it. */
function formsOf(canary: string): readonly string[] {
  const shifted = ["", "_", "__"].map((before) => Buffer.from(before + canary));
  return [
    canary,
    encodeURIComponent(canary),
    Buffer.from(canary).toString("hex"),
    ...shifted.flatMap((bytes) => [bytes.toString("base64"), bytes.toString("base64url")]),
  ];
}

const piecesOf = (text: string, length: number): readonly string[] =>
  Array.from({ length: text.length - length + 1 }, (_, start) => text.slice(start, start + length));

/** Every piece of every canary. */
const pieces: readonly string[] = [
  ...Object.values(canaries).flatMap((canary) => formsOf(canary).flatMap((form) => piecesOf(form, PIECE))),
  ...piecesOf(canaries.accessKeyId, SHOWN + 1),
];

function assertNoCanary(where: string, text: string): void {
  const found = pieces.find((piece) => text.includes(piece));
  assert.ok(found === undefined, `${where} holds a piece of a canary`);
}

const session = () => ({ ...canaries, expiration: inAnHour() });

const containerDocument = (): FakeAnswer => ({
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({
    AccessKeyId: canaries.accessKeyId,
    SecretAccessKey: canaries.secretAccessKey,
    Token: canaries.sessionToken,
    Expiration: inAnHour(),
  }),
});

const everything = Object.values(canaries).join(" ");

/** Answers that are no credentials, each with all canaries in it. */
const badAnswers: Readonly<Record<string, FakeAnswer | "reset">> = {
  HTML: { headers: { "Content-Type": "text/html" }, body: `<html>${everything}</html>` },
  "JSON cut short": {
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ SecretAccessKey: everything }).slice(0, -3),
  },
  "JSON of other types": {
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      Version: everything,
      AccessKeyId: [everything],
      Token: { everything },
      Expiration: everything,
    }),
  },
  "a document without an expiration": {
    body: JSON.stringify({ AccessKeyId: canaries.accessKeyId, SecretAccessKey: everything, Token: everything }),
  },
  "a denial": {
    status: 403,
    headers: { [`X-${canaries.said}`]: everything },
    body: JSON.stringify({ Code: canaries.said, Message: everything, code: everything, message: everything }),
  },
  "a denial in XML": stsError(403, "AccessDenied", everything),
  "a code that may be anything": stsError(400, canaries.said, everything),
  "a redirect": { status: 307, headers: { Location: `/${canaries.said}` }, body: everything },
  "a failure": { status: 500, body: everything },
  "a broken connection": "reset",
};

/** What an upstream answers from now on; undefined for credentials. */
type Given = FakeAnswer | "reset" | undefined;

interface StartedUpstream {
  /** The sidecar's variables. */
  readonly env: Variables;
  /** Changes the answer. */
  readonly give: (given: Given) => void;
}

interface UpstreamFixture {
  readonly name: string;
  /** Starts the upstream; it gives credentials. */
  readonly start: (t: TestContext) => Promise<StartedUpstream>;
}

/** An upstream that is asked over HTTP: `serve` is told what to answer at each request. */
async function overHttp(serve: (given: () => Given) => Promise<Variables>): Promise<StartedUpstream> {
  let answer: Given;
  const env = await serve(() => answer);
  return { env, give: (given) => (answer = given) };
}

const upstreamFixtures: readonly UpstreamFixture[] = [
  {
    name: "a container endpoint",
    start: (t) =>
      overHttp(async (given) => {
        const { url } = await fakeServer(t, () => given() ?? containerDocument());
        return {
          SIDECAR_UPSTREAM: "container",
          AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/${canaries.said}`,
          AWS_CONTAINER_AUTHORIZATION_TOKEN: canaries.authToken,
        };
      }),
  },
  {
    name: "IMDS",
    start: (t) =>
      overHttp(async (given) => {
        const session = { body: canaries.authToken };
        const { url } = await fakeImds(t, { credentials: () => given() ?? containerDocument(), session });
        return {
          SIDECAR_UPSTREAM: "imds",
          AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
          AWS_EC2_METADATA_DISABLED: undefined,
        };
      }),
  },
  {
    name: "STS with a web identity token",
    start: (t) =>
      overHttp(async (given) => {
        const { url } = await fakeServer(t, () => given() ?? stsAnswer("AssumeRoleWithWebIdentity", session()));
        const file = join(temporaryDirectory(t), "token");
        writeFileSync(file, canaries.webIdentityToken);
        return {
          SIDECAR_UPSTREAM: "web-identity",
          AWS_ENDPOINT_URL_STS: url,
          AWS_REGION: "eu-west-1",
          AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/app",
          AWS_WEB_IDENTITY_TOKEN_FILE: file,
        };
      }),
  },
  {
    name: "STS with static keys",
    start: (t) =>
      overHttp(async (given) => {
        const { url } = await fakeServer(t, () => given() ?? stsAnswer("AssumeRole", session()));
        return {
          SIDECAR_ROLE_ARN: "arn:aws:iam::123456789012:role/app",
          AWS_ENDPOINT_URL_STS: url,
          AWS_REGION: "eu-west-1",
          AWS_ACCESS_KEY_ID: canaries.accessKeyId,
          AWS_SECRET_ACCESS_KEY: canaries.secretAccessKey,
          AWS_SESSION_TOKEN: canaries.sessionToken,
        };
      }),
  },
  {
    name: "a credential_process",
    async start(t) {
      const folder = temporaryDirectory(t);
      const [program, config] = [join(folder, "program"), join(folder, "config")];
      const give = (given: Given) => {
        const { body = "", status = 200 } = given === "reset" ? { status: 500 } : (given ?? processDocument());
        const ending = status === 200 ? "" : `echo '${everything}' >&2; exit 1`;
        // Renamed into its place, because the sidecar may run it at any time.
        writeFileSync(`${program}.new`, `cat <<'END'\n${body}\nEND\n${ending}\n`);
        renameSync(`${program}.new`, program);
      };
      give(undefined);
      writeFileSync(config, `[default]\ncredential_process = sh "${program}"\n`);
      return { env: { SIDECAR_UPSTREAM: "process", AWS_CONFIG_FILE: config }, give };
    },
  },
];

function processDocument(): FakeAnswer {
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken } = canaries;
  return { body: JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey, SessionToken, Expiration: inAnHour() }) };
}

const guarded = { SIDECAR_AUTH_TOKEN: canaries.authToken, SIDECAR_LOG_LEVEL: "info" };

/** Everything that can be read of a running sidecar, but for credentials by whom they are for. */
async function assertNothingShows({ url, adminUrl }: Serving, status: 200 | 503): Promise<void> {
  const good = { Authorization: canaries.authToken };
  const refused = await Promise.all([
    get(`${url}/v1/credentials`),
    get(`${url}/v1/credentials`, { headers: { ...good, Origin: `http://${canaries.said}.example` } }),
    get(`${url}/v1/credentials`, { headers: { ...good, Via: canaries.said } }),
    get(`${url}/v1/credentials`, { headers: { Authorization: canaries.said } }),
    get(`${url}/v1/credentials/${canaries.said}`, { headers: good }),
    get(`${url}/v1/for/${canaries.said}/credentials`, { headers: good }),
    get(`${url}/${canaries.said}`, { headers: good }),
    get(`${url}/v1/credentials`, { method: "PUT", headers: { ...good, "User-Agent": canaries.said } }),
  ]);
  for (const { status, text, headers } of refused) {
    assert.ok(status >= 400 && status < 500);
    assertNoCanary(`a refusal with ${status}`, text + JSON.stringify(headers));
  }
  const headers = { ...good, "User-Agent": canaries.said };
  const read = await get(`${url}/v1/credentials`, { headers, agent: false });
  assert.equal(read.status, status);
  if (read.status !== 200) assertNoCanary(`an answer with ${read.status}`, read.text);
  else assert.equal(JSON.parse(read.text).SecretAccessKey, canaries.secretAccessKey, "the canary is in there");
  for (const path of ["/metrics", "/status", "/", "/readyz?verbose", "/readyz", `/${canaries.said}`]) {
    assertNoCanary(path, (await get(`${adminUrl}${path}`)).text);
  }
}

function assertSilent({ out, err }: Pick<Ended, "out" | "err">): void {
  assertNoCanary("standard output", out);
  assertNoCanary("standard error", err);
}

suite("No secret in any output.", { concurrency: true }, () => {
  for (const { name, start } of upstreamFixtures) {
    test(`when ${name} gives credentials`, async (t) => {
      const { env } = await start(t);
      const serving = await serveProgram(t, [], { env: { ...env, ...guarded } });
      assert.equal((await serving.program.line("Refreshed", "RefreshFailed")).code, "Refreshed");
      await assertNothingShows(serving, 200);
      serving.program.signal("SIGTERM");
      assertSilent(await serving.program.ended);
    });

    test(`when ${name} gives no credentials, and what it gives instead is full of secrets`, async (t) => {
      const { env, give } = await start(t);
      give("reset");
      const { program, ...urls } = await serveInHost(t, { ...env, ...guarded });
      // The doctor queries a sidecar that runs, and calls upstream when none does.
      const here = `--admin-listen=${urls.adminUrl.replace("http://", "")}`;
      for (const [what, answer] of Object.entries(badAnswers)) {
        await t.test(what, async () => {
          give(answer);
          // The first of these may be of an attempt that began before.
          await program.secondLine("RefreshFailed");
          await assertNothingShows({ program, ...urls }, 503);
          await program.run(["doctor", "--json", here]);
          await program.run(["doctor", "--admin-listen=off"]);
        });
      }
      give(undefined);
      await program.line("Refreshed");
      for (const command of ["check", "doctor"]) await program.run([command, "--admin-listen=off"]);
      await program.run(["doctor", here]);
      program.signal("SIGTERM");
      await program.line("Stopped");
      assertSilent(program);
    });
  }

  test("when a flag is misspelt, and a token stands behind it", async (t) => {
    const { code, err, out } = await runProgram(t, ["serve", "--auth-tokn", canaries.authToken, "--auth-token", "ü"]);
    assert.equal(code, 2);
    assertNoCanary("the errors", err + out);
  });

  test("and the canaries would be seen", () => {
    assert.throws(() => assertNoCanary("a test", `x${canaries.authToken.slice(3, 18)}y`));
    assert.throws(() => assertNoCanary("a test", Buffer.from(canaries.said).toString("base64")));
    assert.throws(() =>
      assertNoCanary("a test", Buffer.from(`{"Token":"${canaries.sessionToken}"}`).toString("base64")),
    );
    assert.throws(() => assertNoCanary("a test", `key …${canaries.accessKeyId.slice(-SHOWN - 1)}`));
    assertNoCanary("a test", `key …${canaries.accessKeyId.slice(-SHOWN)}`);
  });
});
