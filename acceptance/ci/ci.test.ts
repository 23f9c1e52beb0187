/** The jobs of examples/ci, as GitHub's and GitLab's runners would start their commands. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { run } from "../../conformance/processes.ts";
import { temporaryDirectory } from "../../test/support/environment.ts";
import { fakeServer } from "../../test/support/fake-http.ts";
import { freePort } from "../kubernetes/support/cluster.ts";
import { startMoto } from "../moto.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const examples = here("../../examples/ci");
const main = here("../../src/main.ts");

const aws = startMoto();

type Env = Readonly<Record<string, string>>;

interface Job {
  readonly env: Env;
  readonly script: string;
}

function githubJob(): Job {
  const { jobs } = parse(readFileSync(join(examples, "github-actions.yaml"), "utf8"));
  const { env, run: script } = jobs.report.steps.at(-1);
  return { env, script };
}

function gitlabJob(): Job {
  const { report } = parse(readFileSync(join(examples, "gitlab-ci.yaml"), "utf8"));
  return { env: report.variables, script: report.script.join("\n") };
}

/** A checkout with a job that prints who it is, and the command on the PATH as an installed package has it. */
function checkout(t: TestContext): string {
  const folder = temporaryDirectory(t);
  cpSync(examples, folder, { recursive: true });
  mkdirSync(join(folder, "bin"));
  const program = (name: string, text: string) =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program("bin/aws-credential-sidecar", `exec "${process.execPath}" "${main}" "$@"`);
  program("long-job", `exec /usr/bin/aws sts get-caller-identity --query Arn --output text --endpoint-url ${aws()}`);
  return folder;
}

function runJob(folder: string, { env, script }: Job, given: Env) {
  const path = `${folder}/bin:/usr/bin:/bin`;
  const everywhere = { PATH: path, HOME: folder, AWS_ENDPOINT_URL_STS: aws(), AWS_EC2_METADATA_DISABLED: "true" };
  return run("/bin/bash", ["-eo", "pipefail", "-c", script], { ...everywhere, ...env, ...given }, { cwd: folder });
}

test("a job of GitHub Actions works with a session for which its token was fetched at that moment", async (t) => {
  const asked: string[] = [];
  const github = await fakeServer(t, ({ path, headers }) => {
    asked.push(`${path} ${headers.authorization}`);
    return { body: JSON.stringify({ value: "fake.job.token" }) };
  });
  const folder = checkout(t);
  const { code, stdout, stderr } = await runJob(folder, githubJob(), {
    RUNNER_TEMP: folder,
    GITHUB_RUN_ID: "42",
    ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "fake-request-token",
  });
  assert.equal(code, 0, stderr);
  assert.equal(stdout.trim(), "arn:aws:sts::123456789012:assumed-role/reports/github-42");
  assert.deepEqual(asked, ["/token?api-version=2.0&audience=sts.amazonaws.com Bearer fake-request-token"]);
});

test("a long job of GitHub Actions goes on with a session for which another token was fetched", async (t) => {
  const tokens: string[] = [];
  const github = await fakeServer(t, () => {
    tokens.push(`fake.job.token${tokens.length + 1}`);
    return { body: JSON.stringify({ value: tokens.at(-1) }) };
  });
  const folder = checkout(t);
  const admin = `127.0.0.1:${await freePort()}`;
  // The end of the first session comes when the job asks for it, and not in half an hour.
  const keyOf = `curl --silent --fail --header @token "$AWS_CONTAINER_CREDENTIALS_FULL_URI" | jq --raw-output .AccessKeyId`;
  const job = `printf 'Authorization: ' | cat - "$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" >token
${keyOf}
curl --silent --fail --header @token --request POST http://${admin}/refresh >/dev/null
${keyOf}`;
  writeFileSync(join(folder, "long-job"), `#!/bin/bash\nset -euo pipefail\n${job}\n`, { mode: 0o755 });
  const { code, stdout, stderr } = await runJob(folder, githubJob(), {
    RUNNER_TEMP: folder,
    GITHUB_RUN_ID: "42",
    SIDECAR_ADMIN_LISTEN: admin,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "fake-request-token",
  });
  assert.equal(code, 0, stderr);
  const [before, after, ...more] = stdout.trim().split("\n");
  assert.match(`${before} ${after}`, /^ASIA\w+ ASIA\w+$/);
  assert.notEqual(after, before, "the job reads the next session");
  assert.deepEqual([tokens, more], [["fake.job.token1", "fake.job.token2"], []]);
});

test("a job of GitHub Actions that may not ask for tokens says so, and does not run", async (t) => {
  const github = await fakeServer(t, () => ({ status: 403, body: "{}" }));
  const { env, script } = githubJob();
  const job = { env, script: script.replace("exec --", "exec --timeout 3s --") };
  const folder = checkout(t);
  const { code, stdout } = await runJob(folder, job, {
    RUNNER_TEMP: folder,
    GITHUB_RUN_ID: "42",
    ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "fake-request-token",
  });
  assert.equal(code, 1);
  assert.equal(stdout, "");
});

test("a job of GitLab works with the token of the job", async (t) => {
  const folder = checkout(t);
  const given = { CI_BUILDS_DIR: folder, AWS_TOKEN: "fake.job.token" };
  const { code, stdout, stderr } = await runJob(folder, gitlabJob(), given);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^arn:aws:sts::123456789012:assumed-role\/reports\//);
});

test("actionlint has nothing to say against the workflow", async (t) => {
  const file = join(temporaryDirectory(t), "nightly.yaml");
  cpSync(join(examples, "github-actions.yaml"), file);
  const { code, stdout } = await run(here("../supply-chain/build/actionlint"), ["-no-color", file], {});
  assert.equal(code, 0, stdout);
});
