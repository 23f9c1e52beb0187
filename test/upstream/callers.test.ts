/** Who calls an upstream, which decides how fast it is called again when a pod starts and it fails. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useEnvironment } from "../support/environment.ts";
import { fakeServer } from "../support/fake-http.ts";
import { fakeImds } from "../support/fake-imds.ts";
import { defaultUpstream, failureOf } from "../support/identities.ts";
import { nockSts, prepareSts } from "../support/nock-sts.ts";
import { stsError } from "../support/sts-answers.ts";

const failing = { status: 500, body: "" };

for (const kind of ["container", "auto"]) {
  test(`${kind}: an agent behind the container endpoint is called by the pods of its node`, async (t) => {
    const server = await fakeServer(t, () => failing);
    useEnvironment(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.url}/creds` });
    const upstream = defaultUpstream([`--upstream=${kind}`]);
    await failureOf(upstream);
    assert.equal(upstream.callers, "node");
  });

  test(`${kind === "auto" ? "auto" : "imds"}: IMDS is called by the pods of its node`, async (t) => {
    const server = await fakeImds(t, { credentials: () => failing });
    useEnvironment(t, { AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url, AWS_EC2_METADATA_DISABLED: "false" });
    const upstream = defaultUpstream([`--upstream=${kind === "auto" ? "auto" : "imds"}`]);
    await failureOf(upstream);
    assert.equal(upstream.callers, "node");
  });
}

test("STS is called by the whole fleet", async (t) => {
  const { flags } = prepareSts(t, "AssumeRoleWithWebIdentity");
  nockSts(t, () => stsError(503, "ServiceUnavailable", "no"));
  const upstream = defaultUpstream(flags);
  assert.equal(upstream.callers, "fleet", "until an attempt shows otherwise");
  await failureOf(upstream);
  assert.equal(upstream.callers, "fleet");
});
