/** Every provider and every kind of mistake: test/upstream/auto.test.ts and test/upstream/profile.test.ts. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { documentAnswer } from "../support/credential-documents.ts";
import { temporaryDirectory, type Variables } from "../support/environment.ts";
import { fakeImds } from "../support/fake-imds.ts";
import { runProgram, serveProgram } from "../support/program.ts";
import { get } from "../support/served.ts";

interface Mistake {
  readonly name: string;
  readonly env: (folder: string) => Variables;
  /** What `doctor` says about it. */
  readonly remedy: RegExp;
}

const ROLE = "arn:aws:iam::123456789012:role/app";

const mistakes: readonly Mistake[] = [
  {
    name: "a web identity token file that is missing",
    env: (folder) => ({ AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, "missing") }),
    remedy: /AWS_WEB_IDENTITY_TOKEN_FILE/,
  },
  { name: "a role without a token file", env: () => ({ AWS_ROLE_ARN: ROLE }), remedy: /AWS_WEB_IDENTITY_TOKEN_FILE/ },
  {
    name: "a token file without a role",
    env: (folder) => ({ AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, "token") }),
    remedy: /AWS_ROLE_ARN/,
  },
  {
    name: "an access key without its secret",
    env: () => ({ AWS_ACCESS_KEY_ID: "AKIAFAKE000000000001" }),
    remedy: /AWS_SECRET_ACCESS_KEY/,
  },
  { name: "a profile that does not exist", env: () => ({ AWS_PROFILE: "missing" }), remedy: /AWS_PROFILE|profile/ },
  {
    name: "a container endpoint where nothing listens",
    env: () => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/" }),
    remedy: /AWS_CONTAINER_CREDENTIALS_FULL_URI/,
  },
];

suite("Never another identity's credentials: what is set up wrongly is an error that names its remedy.", {
  concurrency: 2,
}, () => {
  for (const { name, env, remedy } of mistakes) {
    test(`${name} never gives the node's role`, async (t) => {
      // The node's role is there to take, at the end of the chain.
      const imds = await fakeImds(t, { credentials: () => documentAnswer() });
      const folder = temporaryDirectory(t);
      writeFileSync(join(folder, "token"), "fake-token");
      const node = { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url, AWS_EC2_METADATA_DISABLED: undefined };
      const variables = { ...node, AWS_REGION: "eu-west-1", ...env(folder) };
      const { program, url } = await serveProgram(t, [], { env: variables });
      assert.equal((await program.line("Refreshed", "RefreshFailed")).code, "RefreshFailed");
      assert.equal((await get(`${url}/v1/credentials`)).status, 503);
      const { code, out } = await runProgram(t, ["doctor", "--admin-listen=off"], { env: variables });
      assert.equal(code, 1);
      assert.match(out, remedy);
      const reads = imds.requests.filter(({ path }) => path.includes("security-credentials"));
      assert.deepEqual(reads, []);
    });
  }
});
