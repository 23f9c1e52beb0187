/** The development container: its files read as their tools read them, its commands run, its services as processes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../../conformance/processes.ts";
import { temporaryDirectory } from "../../test/support/environment.ts";
import { MEMORY_LIMIT_MIB } from "../limits.ts";
import { readEnvFile } from "./docker-run.ts";
import { aws, type Env, load, loggedIn, servicesOf, startApp, startSidecar } from "./services.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const examples = join(root, "examples/devcontainer");
const readme = readFileSync(join(examples, "README.md"), "utf8");
const HOST = { HOME: "/home/someone" };

/** JSON with comments, of which ours stand on lines of their own. */
const devcontainer = JSON.parse(
  readFileSync(join(examples, "devcontainer.json"), "utf8").replaceAll(/^\s*\/\/.*$/gm, ""),
);

/** The README's commands between these markers. */
function commands(marker: string): string {
  const [, text] = new RegExp(`<!-- ${marker} -->\\n\`\`\`sh\\n([\\s\\S]*?)\`\`\``).exec(readme) ?? [];
  return text ?? assert.fail(marker);
}

async function shell(cwd: string, script: string): Promise<void> {
  const { code, stderr } = await run(
    "/bin/sh",
    ["-ec", script],
    { ...HOST, PATH: "/usr/bin:/bin", CHECKOUT: root },
    { cwd },
  );
  assert.equal(code, 0, stderr);
}

/** A project into which the folder was copied as the README says. */
async function project(t: TestContext): Promise<string> {
  const folder = temporaryDirectory(t);
  await shell(folder, commands("copy"));
  return folder;
}

/** The services after these commands, with what is in the .env beside the file, which Docker Compose reads itself. */
async function servicesAfter(t: TestContext, ...scripts: readonly string[]) {
  const folder = await project(t);
  for (const script of scripts) await shell(folder, script);
  const env = readEnvFile(readFileSync(join(folder, ".devcontainer/.env"), "utf8"));
  const file = join(folder, ".devcontainer", devcontainer.dockerComposeFile);
  return { folder, env, services: await servicesOf(file, { ...HOST, ...env }) };
}

test("the editor works in a service that compose has, in the project's folder", async (t) => {
  const { folder, services } = await servicesAfter(t, devcontainer.initializeCommand);
  assert.deepEqual(Object.keys(services).sort(), ["app", "sidecar"]);
  assert.equal(devcontainer.service, "app");
  const [mount] = services.app.volumes ?? [];
  assert.deepEqual([mount?.source, mount?.target], [folder, devcontainer.workspaceFolder]);
});

test("the application's container has neither keys nor ~/.aws, and shares the sidecar's loopback alone", async (t) => {
  const { services } = await servicesAfter(t, devcontainer.initializeCommand);
  const { app, sidecar } = services;
  assert.equal(app.network_mode, "service:sidecar");
  assert.equal(app.volumes?.length, 1);
  assert.deepEqual(Object.keys(app.environment).sort(), ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_REGION"]);
  assert.deepEqual([sidecar.ports, sidecar.environment.SIDECAR_LISTEN], [undefined, undefined]);
  const mounts = sidecar.volumes?.map(({ source, target, read_only }) => [source, target, read_only]);
  assert.deepEqual(mounts, [["/home/someone/.aws", "/home/developer/.aws", true]]);
});

test("the sidecar has no more than it needs, and does not keep anybody out by its health", async (t) => {
  const { app, sidecar } = (await servicesAfter(t, devcontainer.initializeCommand)).services;
  assert.equal(sidecar.read_only, true);
  assert.deepEqual(sidecar.cap_drop, ["ALL"]);
  assert.deepEqual(sidecar.security_opt, ["no-new-privileges:true"]);
  assert.equal(Number(sidecar.mem_limit), MEMORY_LIMIT_MIB * 1024 ** 2);
  assert.equal(app.depends_on?.sidecar?.condition, "service_started");
});

test("the user is written where none is, and a profile that the developer wrote is kept", async (t) => {
  const user = `${process.getuid?.()}:${process.getgid?.()}`;
  const fresh = await servicesAfter(t, devcontainer.initializeCommand);
  assert.deepEqual(fresh.env, { LOCAL_USER: user });
  const written = await servicesAfter(t, commands("profile"), devcontainer.initializeCommand);
  assert.deepEqual(written.env, { LOCAL_USER: user, AWS_PROFILE: "dev" });
  assert.equal(written.services.sidecar.user, user);
  assert.equal(written.services.sidecar.environment.AWS_PROFILE, "dev");
});

test("compose says what is missing where nobody wrote the user", async () => {
  const { code, stderr } = await load(join(examples, "compose.yaml"), HOST);
  assert.equal(code, 1);
  assert.match(stderr, /required variable LOCAL_USER is missing a value: .+initializeCommand/);
});

test("Git is told not to take the developer's own file", async (t) => {
  const folder = await project(t);
  const git = (...args: readonly string[]) => run("/usr/bin/git", args, { HOME: folder }, { cwd: folder });
  await git("init", "--quiet");
  await shell(folder, devcontainer.initializeCommand);
  assert.equal((await git("check-ignore", ".devcontainer/.env")).code, 0);
  assert.equal((await git("check-ignore", ".devcontainer/compose.yaml")).code, 1);
});

test("a program in the container has what the developer's login gives", async (t) => {
  const { services } = await servicesAfter(t, commands("profile"), devcontainer.initializeCommand);
  const login: Env = await loggedIn(t);
  const url = await startSidecar(t, services.sidecar, login);
  const [, command = ""] = /In the\ncontainer:\n\n```sh\naws (.+)\n```/.exec(readme) ?? [];
  const app = { ...services.app, command: command.split(" ") };
  const { code, stdout, stderr } = await startApp(app, url, ["--endpoint-url", aws()]);
  assert.equal(code, 0, stderr);
  assert.match(JSON.parse(stdout).Arn, /^arn:aws:sts::\d+:/);
});

test("the status page's port is forwarded, and the credentials' is not", () => {
  assert.deepEqual(devcontainer.forwardPorts, [9912]);
  assert.equal(devcontainer.portsAttributes["9911"].onAutoForward, "ignore");
});
