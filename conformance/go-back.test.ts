/**
 * The way back of docs/migrating.md, with boto3: the old variables alone work as before, though a sidecar was there. moto is
 * STS; the agents of EKS and of aws-vault are servers that demand the token which those give, and count their calls.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startMoto } from "../acceptance/moto.ts";
import { temporaryDirectory } from "../test/support/environment.ts";
import { fakeServer } from "../test/support/fake-http.ts";
import { run, start } from "./processes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const SCRIPT = `import boto3
credentials = boto3.Session().get_credentials()
print(credentials.method, credentials.get_frozen_credentials().access_key)`;
const URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const HERE = { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-1", AWS_EC2_METADATA_DISABLED: "true" };

type Env = Readonly<Record<string, string>>;

const sts = startMoto();

/** How boto3 finds credentials with these variables, and the first letters of the key. */
async function boto3(env: Env): Promise<readonly [method: string, key: string]> {
  const { code, stdout, stderr } = await run(join(root, ".venv/bin/python"), ["-c", SCRIPT], { ...HERE, ...env });
  assert.equal(code, 0, stderr);
  const [method = "", key = ""] = stdout.trim().split(" ");
  return [method, key];
}

/** A sidecar with the old variables: what an application sets to read from it. */
async function sidecar(t: TestContext, env: Env): Promise<Env> {
  const { match, stop } = await start({
    command: process.execPath,
    args: [join(root, "src/main.ts"), "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"],
    env: { ...HERE, ...env },
    ready: /"credentials":\["([\d.:]+)"\][\s\S]*"code":"Ready"/,
  });
  t.after(stop);
  return { [URI]: `http://${match[1]}/v1/credentials` };
}

test("an application of IRSA asks STS itself again without the sidecar's variables, and already with both", async (t) => {
  const token = join(temporaryDirectory(t), "token");
  writeFileSync(token, "fake.web.identity");
  const irsa = {
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/orders",
    AWS_WEB_IDENTITY_TOKEN_FILE: token,
    AWS_ENDPOINT_URL_STS: sts(),
  };
  const migrated = await sidecar(t, { ...irsa, SIDECAR_UPSTREAM: "web-identity" });
  assert.equal((await boto3(migrated))[0], "container-role");
  for (const env of [irsa, { ...irsa, ...migrated }]) {
    assert.equal((await boto3(env))[0], "assume-role-with-web-identity");
  }
});

interface Agent {
  readonly name: string;
  readonly path: string;
  /** Besides the URI. */
  readonly token: (folder: string) => Env;
}

const TOKEN = "fake-agent-token";
const agents: readonly Agent[] = [
  {
    name: "EKS Pod Identity",
    path: "/v1/credentials",
    token: (folder) => {
      writeFileSync(join(folder, "token"), TOKEN);
      return { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(folder, "token") };
    },
  },
  { name: "aws-vault's ECS server", path: "/", token: () => ({ AWS_CONTAINER_AUTHORIZATION_TOKEN: TOKEN }) },
];

for (const { name, path, token } of agents) {
  test(`an application of ${name} reads from there again with the old variables`, async (t) => {
    let calls = 0;
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    const agent = await fakeServer(t, ({ path: asked, headers }) => {
      if (headers.authorization !== TOKEN || asked !== path) return { status: 401 };
      calls += 1;
      const keys = { AccessKeyId: "ASIAFAKEAGENT0000001", SecretAccessKey: "fake-secret", Token: "fake-session" };
      return { body: JSON.stringify({ ...keys, Expiration }) };
    });
    const old = { [URI]: `${agent.url}${path}`, ...token(temporaryDirectory(t)) };
    const found = ["container-role", "ASIAFAKEAGENT0000001"];
    const migrated = await sidecar(t, { ...old, SIDECAR_UPSTREAM: "container" });
    const callsOfSidecar = calls;
    assert.deepEqual(await boto3(migrated), found);
    assert.equal(calls, callsOfSidecar, "the application does not ask the agent");
    assert.deepEqual(await boto3(old), found);
    assert.equal(calls, callsOfSidecar + 1, "now it does");
  });
}

test("a shell of aws-vault's ECS server has its variables still after exec, whose program had others", async (t) => {
  const { name: _, path, token } = agents.at(-1) ?? assert.fail();
  const agent = await fakeServer(t, () => ({ status: 500 }));
  const old = { [URI]: `${agent.url}${path}`, ...token(temporaryDirectory(t)) };
  const exec = `"${process.execPath}" "${join(root, "src/main.ts")}" exec --demo -- printenv ${URI} && printenv ${URI}`;
  const { code, stdout, stderr } = await run("/bin/sh", ["-c", exec], { ...HERE, ...old });
  assert.equal(code, 0, stderr);
  const [inside, after] = stdout.trim().split("\n");
  assert.match(inside ?? "", /^http:\/\/127\.0\.0\.1:\d+\/v1\/credentials$/);
  assert.equal(after, old[URI]);
});
