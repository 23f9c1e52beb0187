/**
 * Broken set-ups, each with the real `doctor` and, where one runs, the real sidecar as a process. No broken set-up gets
 * "No problems found."; each gets the finding that names its fault, and the line that ends it does end it.
 */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { doctor } from "../../src/commands/doctor.ts";
import { processEdge } from "../../src/edge.ts";
import { temporaryDirectory, type Variables, writeShared } from "../support/environment.ts";
import { closedPort, fakeServer } from "../support/fake-http.ts";
import { runProgram, serveProgram } from "../support/program.ts";
import { get } from "../support/served.ts";

const URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const ENDPOINT = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const KEYS = { AWS_ACCESS_KEY_ID: "AKIAFAKE000000000001", AWS_SECRET_ACCESS_KEY: "fake-secret" };
const NO_PROBLEMS = "No problems found.";

interface Running {
  readonly url: string;
  readonly adminUrl: string;
}

async function running(t: TestContext, flags: readonly string[], env: Variables = {}): Promise<Running> {
  const { program, url, adminUrl } = await serveProgram(t, ["--upstream=demo", ...flags], { env });
  await program.line("Ready");
  return { url, adminUrl };
}

const world = processEdge();

/** What `doctor`, in this process, says beside this sidecar to an application with these variables. */
async function beside({ adminUrl }: Pick<Running, "adminUrl">, env: Variables, args: readonly string[] = ["--json"]) {
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const edge = { ...world, env, print, printError: () => {} };
  const code = await doctor([`--admin-listen=${adminUrl.replace("http://", "")}`, ...args], edge);
  return { code, out: printed.join("") };
}

async function alone(t: TestContext, args: readonly string[], env: Variables = {}) {
  const { code, out } = await runProgram(
    t,
    ["doctor", "--json", `--admin-listen=127.0.0.1:${await closedPort()}`, ...args],
    { env },
  );
  return { code, ...read(out) };
}

interface Found {
  readonly code: string;
  readonly severity: string;
  readonly text: string;
  readonly line?: string;
}

function read(out: string): { readonly ok: boolean; readonly problems: readonly Found[] } {
  const { ok, problems, findings } = JSON.parse(out);
  return { ok, problems: [...problems, ...findings.filter(({ severity }: Found) => severity === "problem")] };
}

interface Case {
  readonly name: string;
  readonly env: (sidecar: Running) => Variables;
  /** The problem's code, and what its sentence says. */
  readonly code: string;
  readonly text: RegExp;
  /** Whether its line, put into the environment, ends the problem. */
  readonly fixed?: boolean;
}

const right = ({ url }: Running) => ({ [URI]: `${url}/v1/credentials` });

const cases: readonly Case[] = [
  {
    name: "a wrong port, where nothing listens",
    env: () => ({ [URI]: "http://127.0.0.1:1/v1/credentials" }),
    code: "uri-unreachable",
    text: /leads to 127\.0\.0\.1:1, where nothing answers \(.+\); the sidecar serves credentials at 127\.0\.0\.1:\d+$/,
    fixed: true,
  },
  {
    name: "the port of the admin listener",
    env: ({ adminUrl }) => ({ [URI]: `${adminUrl}/v1/credentials` }),
    code: "uri-elsewhere",
    text: /which answers 40\d; the sidecar serves credentials at/,
    fixed: true,
  },
  {
    name: "https",
    env: ({ url }) => ({ [URI]: `${url.replace("http:", "https:")}/v1/credentials` }),
    code: "uri-scheme",
    text: /says https:/,
    fixed: true,
  },
  {
    name: "a misspelt path",
    env: ({ url }) => ({ [URI]: `${url}/v1/credential` }),
    code: "uri-path",
    text: /has the path \/v1\/credential, which the sidecar does not serve$/,
    fixed: true,
  },
  {
    name: "a path of another agent",
    env: ({ url }) => ({ [URI]: `${url}/creds` }),
    code: "uri-path",
    text: /has the path \/creds/,
    fixed: true,
  },
  {
    name: "no path",
    env: ({ url }) => ({ [URI]: url }),
    code: "uri-path",
    text: /has the path \/, which/,
    fixed: true,
  },
  {
    name: "a slash at the end",
    env: ({ url }) => ({ [URI]: `${url}/v1/credentials/` }),
    code: "uri-path",
    text: /has the path \/v1\/credentials\//,
    fixed: true,
  },
  {
    name: "a query",
    env: ({ url }) => ({ [URI]: `${url}/v1/credentials?x=1` }),
    code: "uri-path",
    text: /has the path \/v1\/credentials\?x=1/,
    fixed: true,
  },
  {
    name: "an identity that is not served",
    env: ({ url }) => ({ [URI]: `${url}/v1/credentials/reports` }),
    code: "uri-path",
    text: /names the identity reports, which the sidecar does not serve \(it serves default\)$/,
    fixed: true,
  },
  {
    name: "a client that is not in the table",
    env: ({ url }) => ({ [URI]: `${url}/v1/for/boto/credentials` }),
    code: "uri-path",
    text: /names the client boto, which the sidecar does not know/,
    fixed: true,
  },
  {
    name: "localhost",
    env: ({ url }) => ({ [URI]: `${url.replace("127.0.0.1", "localhost")}/v1/credentials` }),
    code: "localhost-in-uri",
    text: /says localhost/,
    fixed: true,
  },
  {
    name: "keys",
    env: (sidecar) => ({ ...right(sidecar), ...KEYS }),
    code: "keys-shadow-uri",
    text: /take those keys/,
  },
  {
    name: "a profile",
    env: (sidecar) => ({ ...right(sidecar), AWS_PROFILE: "typo" }),
    code: "profile-wins",
    text: /AWS_PROFILE is set \("typo"\)/,
  },
  {
    name: "a web identity",
    env: (sidecar) => ({
      ...right(sidecar),
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/app",
      AWS_WEB_IDENTITY_TOKEN_FILE: "/fake",
    }),
    code: "web-identity-wins",
    text: /ask STS themselves/,
  },
  {
    name: "a relative URI",
    env: (sidecar) => ({ ...right(sidecar), AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/fake" }),
    code: "relative-uri-wins",
    text: /most SDKs prefer it/,
  },
  {
    name: "a misspelt variable",
    env: ({ url }) => ({ AWS_CONTAINER_CREDENTIALS_URI: `${url}/v1/credentials` }),
    code: "misspelt-variable",
    text: /No SDK reads AWS_CONTAINER_CREDENTIALS_URI/,
  },
  {
    name: "a proxy that swallows the loopback",
    env: (sidecar) => ({ ...right(sidecar), http_proxy: "http://127.0.0.1:1" }),
    code: "proxied",
    text: /NO_PROXY does not name 127\.0\.0\.1/,
    fixed: true,
  },
  {
    name: "a token with a line break",
    env: (sidecar) => ({ ...right(sidecar), [TOKEN]: "fake-token\n" }),
    code: "token-newline",
    text: /has a line break/,
  },
  {
    name: "a token file that is missing",
    env: (sidecar) => ({ ...right(sidecar), [`${TOKEN}_FILE`]: "/nowhere/token" }),
    code: "token-file-unreadable",
    text: /\/nowhere\/token .*cannot be read \(ENOENT\)/,
  },
  {
    name: "IMDS that is disabled",
    env: ({ url }) => ({ [ENDPOINT]: url, AWS_EC2_METADATA_DISABLED: "true" }),
    code: "imds-disabled",
    text: /forbids the SDKs to use IMDS$/,
  },
  {
    name: "an IMDS endpoint with a wrong port",
    env: () => ({ [ENDPOINT]: "http://127.0.0.1:1", AWS_EC2_METADATA_DISABLED: "" }),
    code: "imds-unreachable",
    text: /where no IMDS answers/,
    fixed: true,
  },
];

test("finds what is wrong with an application's variables beside a running sidecar", async (t) => {
  const sidecar = await running(t, []);
  for (const { name, env, code, text, fixed = false } of cases) {
    await t.test(name, async () => {
      const broken = env(sidecar);
      const { problems, ok } = read((await beside(sidecar, broken)).out);
      const found = problems.find((problem) => problem.code === code);
      assert.ok(found, JSON.stringify(problems));
      assert.match(found.text, text);
      assert.equal(ok, false);
      if (!fixed) return;
      const [variable = "", ...value] = (found.line ?? assert.fail("there is no line")).split("=");
      const after = read((await beside(sidecar, { ...broken, [variable]: value.join("=") })).out);
      assert.ok(!after.problems.some((problem) => problem.code === code), `${found.line} does not end it`);
    });
  }
});

const good: readonly (readonly [name: string, env: (sidecar: Running) => Variables])[] = [
  ["the URI", right],
  ["a client in the URI", ({ url }) => ({ [URI]: `${url}/v1/for/botocore/credentials` })],
  ["an identity in the URI", ({ url }) => ({ [URI]: `${url}/v1/credentials/default` })],
  ["a token that is not needed", (sidecar) => ({ ...right(sidecar), [TOKEN]: "fake-token" })],
  ["IMDS", ({ url }) => ({ [ENDPOINT]: `${url}/`, AWS_EC2_METADATA_DISABLED: "false" })],
  ["nothing", () => ({})],
];

test("finds no problem in good variables beside a running sidecar, and leaves no trace in it", async (t) => {
  const sidecar = await running(t, []);
  for (const [name, env] of good) {
    await t.test(name, async () => {
      const { out, code } = await beside(sidecar, env(sidecar), []);
      assert.ok(out.endsWith(`\n${NO_PROBLEMS}\n`), out);
      assert.equal(code, 0);
    });
  }
  const { clients, refusals } = JSON.parse((await get(`${sidecar.adminUrl}/status`)).text);
  assert.deepEqual([clients, refusals], [[], []]);
});

test("finds what is wrong with the token beside a sidecar that demands one", async (t) => {
  const folder = temporaryDirectory(t);
  mkdirSync(join(folder, "tokens"));
  writeFileSync(join(folder, "tokens", "default"), "fake-token-of-default");
  const sidecar = await running(t, [`--auth-token-file=${join(folder, "tokens")}`]);
  const codeFor = async (env: Variables) =>
    read((await beside(sidecar, { ...right(sidecar), ...env })).out).problems.map(({ code }) => code);
  assert.deepEqual(await codeFor({ [TOKEN]: "fake-token-of-default" }), []);
  assert.deepEqual(await codeFor({}), ["token-refused"]);
  // What was refused just before is a problem of its own.
  assert.deepEqual(await codeFor({ [TOKEN]: "fake-token-of-another" }), ["refusals", "token-refused"]);
});

test("finds that a sidecar with an auth token serves no IMDS", async (t) => {
  const sidecar = await running(t, ["--auth-token=fake-token"]);
  const env = { [ENDPOINT]: sidecar.url, AWS_EC2_METADATA_DISABLED: "" };
  const codes = read((await beside(sidecar, env)).out).problems.map(({ code }) => code);
  assert.deepEqual(codes, ["imds-off"]);
});

const upstreams: readonly (readonly [name: string, args: readonly string[], env: Variables, code: string])[] = [
  ["a profile that does not exist", [], { AWS_PROFILE: "typo" }, "upstream-failed"],
  ["a named profile that does not exist", ["--profiles=typo"], {}, "upstream-failed"],
  ["nothing that gives credentials", [], {}, "upstream-failed"],
  ["no region", ["--upstream=assume-role", "--role-arn=arn:aws:iam::123456789012:role/app"], KEYS, "upstream-failed"],
  ["a web identity token without a role", [], { AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere" }, "upstream-failed"],
  [
    "a web identity token that is missing",
    ["--upstream=web-identity"],
    {
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/app",
      AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere",
      AWS_REGION: "eu-west-1",
    },
    "upstream-failed",
  ],
  [
    "keys before another container's URI",
    [],
    { ...KEYS, [URI]: "http://127.0.0.1:1/v1/credentials" },
    "keys-shadow-uri",
  ],
  ["the sidecar's own URI", [], { [URI]: "http://127.0.0.1:9911/v1/credentials" }, "uri-leads-back"],
  ["keys before the sidecar's own URI", [], { ...KEYS, [URI]: "http://127.0.0.1:9911/v1/credentials" }, "Conflict"],
  ["a misspelt setting", ["--upstream=demo"], { SIDECAR_CLEINT: "botocore" }, "UnknownVariable"],
  ["a misspelt client", ["--upstream=demo"], { SIDECAR_CLIENT: "boto" }, "BadValue"],
  [
    "a token file of the sidecar that is missing",
    ["--upstream=demo"],
    { SIDECAR_AUTH_TOKEN_FILE: "/nowhere/token" },
    "token-file-unreadable",
  ],
];

for (const [name, args, env, code] of upstreams) {
  test(`finds what is wrong with no sidecar running: ${name}`, async (t) => {
    const { ok, problems, code: exit } = await alone(t, args, env);
    assert.ok(
      problems.some((problem) => problem.code === code),
      JSON.stringify(problems),
    );
    assert.equal(ok, false);
    assert.ok(exit === 1 || exit === 2, `exit ${exit}`);
  });
}

test("finds a role without a source in a profile", async (t) => {
  const home = temporaryDirectory(t);
  writeShared(home, { config: "[profile app]\nrole_arn=arn:aws:iam::123456789012:role/app\nregion=eu-west-1\n" });
  const { problems } = await alone(t, [], { HOME: home, AWS_PROFILE: "app" });
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["upstream-failed"],
  );
});

const selfReferences = [
  {
    name: "EcsContainer in a profile",
    config: "[profile app]\nrole_arn=arn:aws:iam::123456789012:role/app\ncredential_source=EcsContainer\n",
    args: ["--upstream=profile", "--profiles=app"],
    env: { [URI]: "http://127.0.0.1:9911/v1/credentials" },
  },
  {
    name: "EcsContainer behind a source_profile",
    config:
      "[profile app]\nrole_arn=arn:aws:iam::123456789012:role/app\nsource_profile=base\n[profile base]\ncredential_source=EcsContainer\n",
    args: ["--upstream=profile"],
    env: { AWS_PROFILE: "app", [URI]: "http://127.0.0.1:9911/v1/credentials" },
  },
  {
    name: "Ec2InstanceMetadata in a profile",
    config: "[profile app]\nrole_arn=arn:aws:iam::123456789012:role/app\ncredential_source=Ec2InstanceMetadata\n",
    args: ["--upstream=profile", "--profiles=app"],
    env: { [ENDPOINT]: "http://127.0.0.1:9911" },
  },
  {
    name: "an endpoint that the profile itself names",
    config:
      "[profile app]\nrole_arn=arn:aws:iam::123456789012:role/app\ncredential_source=Ec2InstanceMetadata\nec2_metadata_service_endpoint=http://localhost:9911\n",
    args: ["--upstream=profile", "--profiles=app"],
    env: {},
  },
  {
    name: "a default profile that nobody named",
    config:
      "[default]\nrole_arn=arn:aws:iam::123456789012:role/app\ncredential_source=Ec2InstanceMetadata\nec2_metadata_service_endpoint=http://localhost:9911\n",
    args: [],
    env: {},
  },
];

test("serves keys of the environment beside a default profile that would lead back", async (t) => {
  const home = temporaryDirectory(t);
  writeShared(home, {
    config:
      "[default]\nrole_arn=arn:aws:iam::123456789012:role/app\ncredential_source=Ec2InstanceMetadata\nec2_metadata_service_endpoint=http://localhost:9911\n",
  });
  assert.equal((await runProgram(t, ["check"], { env: { HOME: home, ...KEYS } })).code, 0);
});

for (const { name, config, args, env } of selfReferences) {
  for (const command of ["serve", "check", "exec"]) {
    test(`${command} refuses that the sidecar would ask itself, and says what to do: ${name}`, async (t) => {
      const home = temporaryDirectory(t);
      writeShared(home, { config: `${config}region=eu-west-1\n` });
      const at = ["--listen=127.0.0.1:9911", "--admin-listen=off"];
      const program = command === "exec" ? ["--", "true"] : [];
      const { code, err } = await runProgram(t, [command, ...at, ...args, ...program], { env: { HOME: home, ...env } });
      assert.equal(code, 2);
      assert.match(
        err,
        /^Conflict: The profile "(?:app|default)" .* leads back to this sidecar \(127\.0\.0\.1:9911\); set it on .* another source\n$/,
      );
    });
  }

  test(`finds that the sidecar would ask itself: ${name}`, async (t) => {
    const home = temporaryDirectory(t);
    writeShared(home, { config: `${config}region=eu-west-1\n` });
    const { problems } = await alone(t, args, { HOME: home, ...env });
    const found = problems.find(({ code }) => code === "profile-leads-back");
    assert.match(
      found?.text ?? JSON.stringify(problems),
      /^The profile "(?:app|default)" .* leads back to this sidecar \(127\.0\.0\.1:9911\)/,
    );
  });
}

test("calls a sidecar that has no credentials yet a problem, whether its upstream fails or hangs", async (t) => {
  const { url } = await fakeServer(t, () => ({ status: 500 }));
  const env = { [URI]: `${url}/upstream` };
  const { program, adminUrl } = await serveProgram(t, ["--upstream=container"], { env });
  await program.line("RefreshFailed");
  const { problems } = read((await beside({ adminUrl }, {})).out);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["cold"],
  );
});

test("counts settings that cannot be read as problems, in the text too", async (t) => {
  const { out, code } = await runProgram(t, ["doctor", "--duration=never"]);
  assert.equal(code, 2);
  assert.match(out, /^PROBLEM {2}--duration: "never" is not allowed/);
  assert.match(out, /\n1 problem found\.\n$/);
});
