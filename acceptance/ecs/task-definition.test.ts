/**
 * The task definition, registered with an ECS (moto's) under botocore's rules; and its two containers, started as the
 * ECS agent would start them, as processes. What is not here is Fargate itself.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Ran, run, start } from "../../conformance/processes.ts";
import { documentAnswer } from "../../test/support/credential-documents.ts";
import { temporaryDirectory } from "../../test/support/environment.ts";
import { type FakeServer, fakeServer } from "../../test/support/fake-http.ts";
import { MEMORY_LIMIT_MIB } from "../limits.ts";
import { startMoto } from "../moto.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const python = path("../../.venv/bin/python");
const main = path("../../src/main.ts");
const file = path("../../examples/ecs/task-definition.json");

interface Container {
  readonly name: string;
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly [key: string]: unknown;
}

const definition = JSON.parse(readFileSync(file, "utf8"));
const [sidecar, application] = definition.containerDefinitions as readonly [Container, Container];

/** What the agent puts into a container: its variables and secrets, and over them where the task's role is to be had. */
function environmentOf({ environment, secrets }: Container): Record<string, string> {
  const secret = (valueFrom: string) => `fake-secret-of-${valueFrom.slice(valueFrom.lastIndexOf(":") + 1)}`;
  return {
    ...Object.fromEntries(environment.map(({ name, value }) => [name, value])),
    ...Object.fromEntries(secrets.map(({ name, valueFrom }) => [name, secret(valueFrom)])),
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/fake",
  };
}

const aws = startMoto();

suite("the task definition", () => {
  const keys = { AWS_ACCESS_KEY_ID: "AKIAFAKE000000000001", AWS_SECRET_ACCESS_KEY: "fake-secret" };
  const register = (which: string): Promise<Ran> => run(python, [path("register.py"), aws(), which], keys);

  test("is one that ECS registers", async () => {
    const { code, stdout, stderr } = await register(file);
    assert.equal(code, 0, stderr);
    const { containerDefinitions } = JSON.parse(stdout);
    assert.deepEqual(
      containerDefinitions.map(({ name }: Container) => name),
      [sidecar.name, application.name],
    );
  });

  const mistakes = [
    ["an unknown member", { ...definition, networkmode: "awsvpc" }, /Unknown parameter.*networkmode/],
    ["a text for a number", withSidecar({ memory: "64" }), /Invalid type for parameter .*memory/],
    ["a value that AWS does not know", { ...definition, networkMode: "vpc" }, /networkMode: 'vpc' is not one of/],
  ] as const;
  for (const [what, wrong, says] of mistakes) {
    test(`would be refused with ${what}`, async (t) => {
      const copy = join(temporaryDirectory(t), "wrong.json");
      writeFileSync(copy, JSON.stringify(wrong));
      const { code, stderr } = await register(copy);
      assert.equal(code, 1);
      assert.match(stderr, says);
    });
  }

  test("starts the application when the sidecar is healthy, and ends the task with either", () => {
    assert.deepEqual(application.dependsOn, [{ containerName: sidecar.name, condition: "HEALTHY" }]);
    assert.deepEqual([sidecar.essential, application.essential], [true, true]);
  });

  test("gives the sidecar no more than it needs", () => {
    assert.equal(sidecar.readonlyRootFilesystem, true);
    assert.equal(sidecar.user, "65532:65532");
    assert.deepEqual(sidecar.linuxParameters, { capabilities: { drop: ["ALL"] } });
    assert.equal(sidecar.memory, MEMORY_LIMIT_MIB);
  });
});

function withSidecar(given: object): object {
  return { ...definition, containerDefinitions: [{ ...sidecar, ...given }, application] };
}

function healthCheckOfImage(): readonly string[] {
  const [, command = ""] =
    /^HEALTHCHECK [\s\S]*?CMD (\[.*\])$/m.exec(readFileSync(path("../../Dockerfile"), "utf8")) ?? [];
  return JSON.parse(command);
}

interface Task {
  readonly agent: FakeServer;
  readonly url: string;
  readonly adminAddress: string;
}

/** The sidecar of the task. The agent's address is link-local and fixed: here it is told of one on the loopback. */
async function startTask(t: TestContext): Promise<Task> {
  const agent = await fakeServer(t, () => documentAnswer());
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative, ...environment } = environmentOf(sidecar);
  const { match, stop } = await start({
    command: process.execPath,
    args: [main],
    env: {
      ...environment,
      SIDECAR_LISTEN: "127.0.0.1:0",
      SIDECAR_ADMIN_LISTEN: "127.0.0.1:0",
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}${relative}`,
      AWS_ENDPOINT_URL_STS: aws(),
    },
    ready: /"credentials":\["([\d.:]+)"\],"admin":\["([\d.:]+)"\][\s\S]*"code":"Ready"/,
  });
  t.after(stop);
  return { agent, url: `http://${match[1]}`, adminAddress: match[2] ?? "" };
}

/** The application as the definition starts it, with these variables. */
function startApplication({ url }: Task, given: Readonly<Record<string, string>>): Promise<Ran> {
  const [command = "", ...args] = [...(application.entryPoint ?? []), ...(application.command ?? [])];
  const uri = given.AWS_CONTAINER_CREDENTIALS_FULL_URI?.replace("http://127.0.0.1:9911", url) ?? "";
  const env = { ...given, AWS_CONTAINER_CREDENTIALS_FULL_URI: uri, PATH: "/usr/bin:/bin" };
  return run(command, [...args, "--endpoint-url", aws(), "--output", "json"], env);
}

suite("the task", () => {
  test("is healthy by the definition's own health check", async (t) => {
    const { adminAddress } = await startTask(t);
    const { command } = sidecar.healthCheck as { readonly command: readonly string[] };
    assert.deepEqual(command, ["CMD", ...healthCheckOfImage()]);
    const args = command.slice(command.indexOf("/app/main.mjs") + 1);
    const env = { ...environmentOf(sidecar), SIDECAR_ADMIN_LISTEN: adminAddress };
    const { code, stderr } = await run(process.execPath, [main, ...args], env);
    assert.equal(code, 0, stderr);
  });

  test("has the application sign as the role at the end of the chain, not as the task's", async (t) => {
    const task = await startTask(t);
    const { code, stdout, stderr } = await startApplication(task, environmentOf(application));
    assert.equal(code, 0, stderr);
    assert.match(JSON.parse(stdout).Arn, /^arn:aws:sts::210987654321:assumed-role\/orders-data\//);
    assert.deepEqual(
      task.agent.requests.map((request) => request.path),
      ["/v2/credentials/fake"],
    );
  });

  test("gives the application nothing without the token", async (t) => {
    const { AWS_CONTAINER_AUTHORIZATION_TOKEN: token, ...env } = environmentOf(application);
    assert.ok(token);
    const task = await startTask(t);
    const { code, stderr } = await startApplication(task, { ...env, AWS_EC2_METADATA_DISABLED: "true" });
    assert.notEqual(code, 0);
    assert.match(stderr, /Error when retrieving credentials/);
  });
});
