/** `exec` with real clients, on a machine whose own keys, profile and proxy would win over the sidecar if they could. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readClients } from "./harness/clients.ts";
import { build } from "./harness/needs.ts";
import { run } from "./processes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const python = join(root, ".venv/bin/python");
const awsCli = "/usr/bin/aws";

let home: string;

before(() => {
  home = mkdtempSync(join(tmpdir(), "conformance-exec-"));
  mkdirSync(join(home, ".aws"));
  const keys = "aws_access_key_id = AKIAWRONGWRONGWRONG1\naws_secret_access_key = wrong\n";
  writeFileSync(join(home, ".aws/credentials"), `[default]\n${keys}[other]\n${keys}`);
  // Of boto 2, which botocore still reads, before the container endpoint.
  writeFileSync(join(home, ".boto"), `[Credentials]\n${keys}`);
  writeFileSync(join(home, ".aws/config"), "[default]\nregion = eu-north-1\ncredential_process = /bin/false\n");
});

after(() => rmSync(home, { recursive: true }));

async function execDemo(...program: readonly string[]) {
  const env = {
    HOME: home,
    AWS_ACCESS_KEY_ID: "AKIAWRONGWRONGWRONG2",
    AWS_SECRET_ACCESS_KEY: "wrong",
    AWS_PROFILE: "default",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere",
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/wrong",
    HTTP_PROXY: "http://127.0.0.1:1",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  return await run(process.execPath, [join(root, "src/main.ts"), "exec", "--demo", "--", ...program], env);
}

test("boto3 gets the sidecar's credentials, and the profile's region", async () => {
  const script = `import boto3
session = boto3.Session()
credentials = session.get_credentials()
print(credentials.method, credentials.access_key[:8], session.region_name)`;
  const { code, stdout, stderr } = await execDemo(python, "-c", script);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "container-role ASIADEMO eu-north-1\n");
});

test("AWS CLI v2 gets the sidecar's credentials", async () => {
  const { code, stdout, stderr } = await execDemo(awsCli, "configure", "export-credentials");
  assert.equal(code, 0, stderr);
  assert.match(JSON.parse(stdout).AccessKeyId, /^ASIADEMO/);
});

/** What Maven fetched for a client; `conformance/run` has built it before in the gate. */
async function librariesOf(client: string): Promise<string> {
  const folder = join(root, `conformance/build/${client}/lib`);
  if (!existsSync(folder)) {
    const all = await readClients(join(root, "conformance/clients"));
    await build(all.filter(({ name }) => name === client));
  }
  return join(folder, "*");
}

for (const [client, version, expression] of [
  [
    "java-v1",
    "1",
    "com.amazonaws.auth.DefaultAWSCredentialsProviderChain.getInstance().getCredentials().getAWSAccessKeyId()",
  ],
  [
    "java-v2",
    "2",
    "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider.create().resolveCredentials().accessKeyId()",
  ],
] as const) {
  test(`the AWS SDK for Java ${version} gets the sidecar's credentials`, async () => {
    const libraries = await librariesOf(client);
    const source = join(home, "Key.java");
    writeFileSync(
      source,
      `class Key { public static void main(String[] args) { System.out.println(${expression}); } }\n`,
    );
    const { code, stdout, stderr } = await execDemo("/usr/bin/java", "-cp", libraries, source);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ASIADEMO\w+\n$/);
  });
}

test("a profile that a program names is not there, rather than another identity's", async () => {
  const { code, stderr } = await execDemo(awsCli, "configure", "export-credentials", "--profile", "other");
  assert.notEqual(code, 0);
  assert.match(stderr, /The config profile \(other\) could not be found/);
});
