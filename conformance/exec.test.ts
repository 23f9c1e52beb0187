/** `exec` with real clients, on a machine whose own keys, profile and proxy would win over the sidecar if they could. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
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

test("a profile that a program names is not there, rather than another identity's", async () => {
  const { code, stderr } = await execDemo(awsCli, "configure", "export-credentials", "--profile", "other");
  assert.notEqual(code, 0);
  assert.match(stderr, /The config profile \(other\) could not be found/);
});
