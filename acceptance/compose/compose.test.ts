/**
 * The compose files, read by Docker Compose's own loader; and their services, started as processes that share the
 * loopback as the containers would. The command for `docker run` is held against the service that it stands for.
 */
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../../conformance/processes.ts";
import { temporaryDirectory } from "../../test/support/environment.ts";
import { MEMORY_LIMIT_MIB } from "../limits.ts";
import { dockerRun, envFileRun, readEnvFile } from "./docker-run.ts";
import { aws, load, loggedIn, main, servicesOf, startApp, startSidecar } from "./services.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const examples = path("../../examples/compose");
const developer = { HOME: "/home/someone", LOCAL_USER: "1000:1000", SIDECAR_AUTH_TOKEN: "fake-auth-token" };

for (const [file, env] of [
  ["compose.yaml", {}],
  ["sso.yaml", developer],
] as const) {
  suite(file, () => {
    test("starts the application in the sidecar's network, when it is healthy", async () => {
      const { app } = await servicesOf(join(examples, file), env);
      assert.equal(app.network_mode, "service:sidecar");
      assert.equal(app.depends_on?.sidecar?.condition, "service_healthy");
    });

    test("can make the sidecar's image where it cannot be had", async () => {
      const { sidecar } = await servicesOf(join(examples, file), env);
      assert.equal(join(sidecar.build?.context ?? "", "Dockerfile"), path("../../Dockerfile"));
    });

    test("gives the sidecar no more than it needs", async () => {
      const { sidecar } = await servicesOf(join(examples, file), env);
      assert.equal(sidecar.read_only, true);
      assert.deepEqual(sidecar.cap_drop, ["ALL"]);
      assert.deepEqual(sidecar.security_opt, ["no-new-privileges:true"]);
      assert.equal(Number(sidecar.mem_limit), MEMORY_LIMIT_MIB * 1024 ** 2);
    });
  });
}

suite("without an account", () => {
  test("the application signs as a role that it was never told of", async (t) => {
    const { app, sidecar } = await servicesOf(join(examples, "compose.yaml"));
    const { code, stdout, stderr } = await startApp(app, await startSidecar(t, sidecar));
    assert.equal(code, 0, stderr);
    assert.match(JSON.parse(stdout).Arn, /^arn:aws:sts::123456789012:assumed-role\/orders\//);
  });

  test("nothing listens beyond the loopback that sidecar and application share", async () => {
    const { sidecar } = await servicesOf(join(examples, "compose.yaml"));
    assert.equal(sidecar.environment.SIDECAR_LISTEN, undefined);
    assert.equal(sidecar.ports, undefined);
  });
});

suite("on a developer's profile", () => {
  test("the application gets what the profile gives, if it has the token", async (t) => {
    const { app, sidecar } = await servicesOf(join(examples, "sso.yaml"), { ...developer, AWS_PROFILE: "dev" });
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
    const { code, stderr } = await load(join(examples, "sso.yaml"), incomplete);
    assert.equal(code, 1);
    assert.match(stderr, /required variable SIDECAR_AUTH_TOKEN is missing a value/);
    const { sidecar } = await servicesOf(join(examples, "sso.yaml"), developer);
    const { SIDECAR_AUTH_TOKEN: __, ...environment } = sidecar.environment;
    const ran = await run(process.execPath, [main, "check"], environment);
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /^Conflict: .*can be reached from outside this pod/);
  });

  test("a container with the README's --env-file gets what the profile gives", async (t) => {
    const { app, sidecar } = await servicesOf(join(examples, "sso.yaml"), { ...developer, AWS_PROFILE: "dev" });
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
    const { sidecar } = await servicesOf(join(examples, "sso.yaml"), { ...developer, AWS_PROFILE: "dev" });
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
