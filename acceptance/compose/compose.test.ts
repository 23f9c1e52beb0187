/**
 * The compose files, read by Docker Compose's own loader; and their services, started as processes that share the
 * loopback as the containers would. The command for `docker run` is held against the service that it stands for.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Ran, run, start } from "../../conformance/processes.ts";
import { temporaryDirectory, writeShared } from "../../test/support/environment.ts";
import { fakeServer } from "../../test/support/fake-http.ts";
import { MEMORY_LIMIT_MIB } from "../limits.ts";
import { startMoto } from "../moto.ts";
import { dockerRun, envFileRun, readEnvFile } from "./docker-run.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const examples = path("../../examples/compose");
const main = path("../../src/main.ts");
const developer = { HOME: "/home/someone", LOCAL_USER: "1000:1000", SIDECAR_AUTH_TOKEN: "fake-auth-token" };

type Env = Readonly<Record<string, string>>;

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string };
  readonly command?: readonly string[];
  readonly environment: Env;
  readonly network_mode?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly { readonly host_ip: string; readonly published: string; readonly target: number }[];
  readonly volumes?: readonly { readonly source: string; readonly target: string; readonly read_only: boolean }[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly user?: string;
}

type Services = Readonly<Record<"app" | "sidecar", Service>>;

const load = (file: string, env: Env): Promise<Ran> => run(path("build/compose-load"), [join(examples, file)], env);

async function servicesOf(file: string, env: Env = {}): Promise<Services> {
  const { code, stdout, stderr } = await load(file, env);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).services;
}

const aws = startMoto();

/** A service's variables with the addresses of here; its own settings are not touched but for the ports. */
const here = (env: Env): Env =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace("http://aws:5000", aws())]));

async function startSidecar(t: TestContext, { environment }: Service, given: Env = {}): Promise<string> {
  const ports = { SIDECAR_LISTEN: "127.0.0.1:0", SIDECAR_ADMIN_LISTEN: "127.0.0.1:0" };
  const { match, stop } = await start({
    command: process.execPath,
    args: [main],
    env: { ...here(environment), ...ports, ...given },
    ready: /"credentials":\["([\d.:]+)"\][\s\S]*"code":"Ready"/,
  });
  t.after(stop);
  return `http://${match[1]}`;
}

function startApp({ command = [], environment }: Service, url: string, more: readonly string[] = []): Promise<Ran> {
  const uri = environment.AWS_CONTAINER_CREDENTIALS_FULL_URI?.replace("http://127.0.0.1:9911", url) ?? "";
  const args = [...command, ...more].map((argument) => argument.replace("http://aws:5000", aws()));
  return run("/usr/bin/aws", [...args, "--output", "json"], {
    ...here(environment),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: uri,
    AWS_EC2_METADATA_DISABLED: "true",
  });
}

for (const [file, env] of [
  ["compose.yaml", {}],
  ["sso.yaml", developer],
] as const) {
  suite(file, () => {
    test("starts the application in the sidecar's network, when it is healthy", async () => {
      const { app } = await servicesOf(file, env);
      assert.equal(app.network_mode, "service:sidecar");
      assert.equal(app.depends_on?.sidecar?.condition, "service_healthy");
    });

    test("can make the sidecar's image where it cannot be had", async () => {
      const { sidecar } = await servicesOf(file, env);
      assert.equal(join(sidecar.build?.context ?? "", "Dockerfile"), path("../../Dockerfile"));
    });

    test("gives the sidecar no more than it needs", async () => {
      const { sidecar } = await servicesOf(file, env);
      assert.equal(sidecar.read_only, true);
      assert.deepEqual(sidecar.cap_drop, ["ALL"]);
      assert.deepEqual(sidecar.security_opt, ["no-new-privileges:true"]);
      assert.equal(Number(sidecar.mem_limit), MEMORY_LIMIT_MIB * 1024 ** 2);
    });
  });
}

suite("without an account", () => {
  test("the application signs as a role that it was never told of", async (t) => {
    const { app, sidecar } = await servicesOf("compose.yaml");
    const { code, stdout, stderr } = await startApp(app, await startSidecar(t, sidecar));
    assert.equal(code, 0, stderr);
    assert.match(JSON.parse(stdout).Arn, /^arn:aws:sts::123456789012:assumed-role\/orders\//);
  });

  test("nothing listens beyond the loopback that sidecar and application share", async () => {
    const { sidecar } = await servicesOf("compose.yaml");
    assert.equal(sidecar.environment.SIDECAR_LISTEN, undefined);
    assert.equal(sidecar.ports, undefined);
  });
});

/** A home as `aws sso login --profile dev` leaves it, and the portal that gives the profile's credentials. */
async function loggedIn(t: TestContext): Promise<Env> {
  const expiration = Date.now() + 3_600_000;
  const keys = { accessKeyId: "ASIAFAKESSO000000001", secretAccessKey: "fake-sso-secret", sessionToken: "fake-sso" };
  const portal = await fakeServer(t, () => ({ body: JSON.stringify({ roleCredentials: { ...keys, expiration } }) }));
  const home = temporaryDirectory(t);
  writeShared(home, {
    config: `[profile dev]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = developer
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.example.test/start
`,
  });
  const cache = join(home, ".aws/sso/cache");
  mkdirSync(cache, { recursive: true });
  const login = { accessToken: "fake-sso-login", expiresAt: "2099-01-01T00:00:00Z" };
  writeFileSync(join(cache, `${createHash("sha1").update("corp").digest("hex")}.json`), JSON.stringify(login));
  return { HOME: home, AWS_ENDPOINT_URL_SSO: portal.url };
}

suite("on a developer's profile", () => {
  test("the application gets what the profile gives, if it has the token", async (t) => {
    const { app, sidecar } = await servicesOf("sso.yaml", { ...developer, AWS_PROFILE: "dev" });
    const url = await startSidecar(t, sidecar, await loggedIn(t));
    const more = ["--endpoint-url", aws()];
    const { code, stderr } = await startApp(app, url, more);
    assert.equal(code, 0, stderr);
    const { AWS_CONTAINER_AUTHORIZATION_TOKEN: token, ...environment } = app.environment;
    assert.equal(token, developer.SIDECAR_AUTH_TOKEN);
    const without = await startApp({ ...app, environment }, url, more);
    assert.notEqual(without.code, 0);
  });

  test("no token, no start: neither of compose nor of the sidecar", async () => {
    const { SIDECAR_AUTH_TOKEN: _, ...incomplete } = developer;
    const { code, stderr } = await load("sso.yaml", incomplete);
    assert.equal(code, 1);
    assert.match(stderr, /required variable SIDECAR_AUTH_TOKEN is missing a value/);
    const { sidecar } = await servicesOf("sso.yaml", developer);
    const { SIDECAR_AUTH_TOKEN: __, ...environment } = sidecar.environment;
    const ran = await run(process.execPath, [main, "check"], environment);
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /^Conflict: .*can be reached from outside this pod/);
  });

  test("a container with the README's --env-file gets what the profile gives", async (t) => {
    const { app, sidecar } = await servicesOf("sso.yaml", { ...developer, AWS_PROFILE: "dev" });
    const { writes, file, command } = envFileRun(readFileSync(join(examples, "README.md"), "utf8"));
    const folder = temporaryDirectory(t);
    const wrote = await run("/bin/bash", ["-ec", writes], { PATH: "/usr/bin:/bin", ...developer }, { cwd: folder });
    assert.equal(wrote.code, 0, wrote.stderr);
    assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, "it holds the token");
    const environment = readEnvFile(readFileSync(join(folder, file), "utf8"));
    const url = await startSidecar(t, sidecar, await loggedIn(t));
    const { code, stderr } = await startApp({ ...app, command, environment }, url, ["--endpoint-url", aws()]);
    assert.equal(code, 0, stderr);
  });

  test("docker run, as the README has it, is the sidecar of sso.yaml", async () => {
    const { sidecar } = await servicesOf("sso.yaml", { ...developer, AWS_PROFILE: "dev" });
    const readme = readFileSync(join(examples, "README.md"), "utf8");
    const { image, environment, user, volume, publish, flags, memory } = dockerRun(readme, {
      ...developer,
      AWS_PROFILE: "dev",
    });
    assert.equal(image, sidecar.image);
    assert.deepEqual(environment, sidecar.environment);
    assert.equal(user, sidecar.user);
    const [mount] = sidecar.volumes ?? [];
    assert.equal(volume, `${mount?.source}:${mount?.target}:${mount?.read_only ? "ro" : "rw"}`);
    const [port] = sidecar.ports ?? [];
    assert.equal(publish, `${port?.host_ip}:${port?.published}:${port?.target}`);
    assert.ok(publish.startsWith("127.0.0.1:"));
    assert.deepEqual(flags, ["--rm", "--read-only", "--cap-drop=ALL"]);
    assert.equal(memory, `${MEMORY_LIMIT_MIB}m`);
  });
});
