/** moto's STS as upstream, AWS CLI v2 and boto3 as clients: nothing in the loop but the sidecar is ours. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run, type Started, start } from "./processes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const python = join(root, ".venv/bin/python");
const awsCli = "/usr/bin/aws";
const roleArn = "arn:aws:iam::123456789012:role/orders";
const CALLS = 20;

interface Sidecar extends Started {
  readonly url: string;
  readonly adminUrl: string;
}

let moto: Started;
let sts: string;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "conformance-"));
  moto = await start({
    command: join(root, ".venv/bin/moto_server"),
    args: ["-p", "0"],
    ready: /Running on (http:\/\/127\.0\.0\.1:\d+)/,
  });
  sts = moto.match[1] ?? "";
});

after(async () => {
  await moto.stop();
  await rm(folder, { recursive: true });
});

/** The real program with moto as its STS; resolves when it is ready. */
async function startSidecar(env: Readonly<Record<string, string>>): Promise<Sidecar> {
  const started = await start({
    command: process.execPath,
    args: [join(root, "src/main.ts"), "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"],
    env: { AWS_ENDPOINT_URL_STS: sts, AWS_REGION: "eu-west-1", AWS_EC2_METADATA_DISABLED: "true", ...env },
    ready: /"credentials":\["([\d.:]+)"\],"admin":\["([\d.:]+)"\][\s\S]*"code":"Ready"/,
  });
  return { ...started, url: `http://${started.match[1]}`, adminUrl: `http://${started.match[2]}` };
}

async function webIdentity(): Promise<Sidecar> {
  const tokenFile = join(folder, "token");
  await writeFile(tokenFile, "fake.web.identity");
  return await startSidecar({
    SIDECAR_UPSTREAM: "web-identity",
    SIDECAR_ROLE_SESSION_NAME: "pod-1",
    AWS_ROLE_ARN: roleArn,
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
  });
}

/** Reads of the sidecar and calls of upstream, from the sidecar's own metrics. */
async function counts({ adminUrl }: Sidecar): Promise<{ reads: number; refreshes: number }> {
  const { promise, resolve } = Promise.withResolvers<string>();
  request(`${adminUrl}/metrics`, (response) => {
    let text = "";
    response.on("data", (chunk: Buffer) => (text += chunk.toString()));
    response.on("end", () => resolve(text));
  }).end();
  const metrics = await promise;
  const sum = (pattern: RegExp) =>
    [...metrics.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
  return {
    reads: sum(/^credential_sidecar_reads_total\{[^}]*result="served"[^}]*\} (\d+)$/gm),
    refreshes: sum(/^credential_sidecar_refreshes_total\{[^}]*\} (\d+)$/gm),
  };
}

const protocols: readonly { readonly name: string; readonly env: (url: string) => Record<string, string> }[] = [
  { name: "the container endpoint", env: (url) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials` }) },
  { name: "IMDS", env: (url) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: `${url}/` }) },
];

for (const protocol of protocols) {
  suite(`from moto's STS over ${protocol.name}`, () => {
    let sidecar: Sidecar;
    before(async () => {
      sidecar = await webIdentity();
    });
    after(() => sidecar.stop());

    test("AWS CLI v2 signs as the role", async () => {
      const args = ["sts", "get-caller-identity", "--endpoint-url", sts, "--region", "eu-west-1", "--output", "json"];
      const { code, stdout, stderr } = await run(awsCli, args, protocol.env(sidecar.url));
      assert.equal(code, 0, stderr);
      assert.equal(JSON.parse(stdout).Arn, "arn:aws:sts::123456789012:assumed-role/orders/pod-1");
    });

    test("boto3 signs as the role, with one read for many calls", async () => {
      const before = await counts(sidecar);
      const args = [join(root, "conformance/boto3_calls.py"), sts, String(CALLS)];
      const { code, stdout, stderr } = await run(python, args, protocol.env(sidecar.url));
      assert.equal(code, 0, stderr);
      assert.equal(stdout.trim(), "arn:aws:sts::123456789012:assumed-role/orders/pod-1");
      const { reads, refreshes } = await counts(sidecar);
      assert.equal(reads - before.reads, 1);
      assert.equal(refreshes, 1);
    });
  });
}

test("boto3 sends the token of its token file", async () => {
  const tokenFile = join(folder, "auth");
  await writeFile(tokenFile, "fake-auth-token");
  const keys = { AWS_ACCESS_KEY_ID: "AKIAFAKE000000000001", AWS_SECRET_ACCESS_KEY: "fake-secret" };
  const sidecar = await startSidecar({
    ...keys,
    SIDECAR_UPSTREAM: "assume-role",
    SIDECAR_ROLE_ARN: roleArn,
    SIDECAR_AUTH_TOKEN_FILE: tokenFile,
  });
  try {
    const uri = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${sidecar.url}/v1/for/boto3/credentials` };
    const args = [join(root, "conformance/boto3_calls.py"), sts, "1"];
    const refused = await run(python, args, { ...uri, AWS_EC2_METADATA_DISABLED: "true" });
    assert.notEqual(refused.code, 0);
    const { code, stdout, stderr } = await run(python, args, {
      ...uri,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^arn:aws:sts::123456789012:assumed-role\/orders\//);
  } finally {
    await sidecar.stop();
  }
});
