import assert from "node:assert/strict";
import { test } from "node:test";
import { CONTAINER, IMDS } from "../support/sdk-client.ts";
import { afterA503, type JavaScriptSdk, showsCredentials, showsPatience, withStaticKeys } from "./javascript.ts";

const APP = "js-v3-app.ts";
const sdk: JavaScriptSdk = {
  name: "js-v3",
  app: APP,
  // Each client resolves for itself.
  reads: 2,
  labels: { container: "no-agent-no-accept", imds: "no-agent" },
};

showsCredentials(sdk);
showsPatience(sdk);

for (const way of [CONTAINER, IMDS]) {
  test(`js-v3 takes static keys from ${way.name} and signs without a session token`, async (t) => {
    const { failure, signatures, expected } = await withStaticKeys(t, APP, way);
    assert.equal(failure, undefined);
    assert.deepEqual(signatures, expected);
  });
}

test("js-v3 goes on after a 503 of the container endpoint, without an error", async (t) => {
  const { failure, reported, signatures, expected } = await afterA503(t, APP, CONTAINER);
  assert.equal(failure, undefined);
  assert.ok(reported > 0, "a 503 was told");
  assert.deepEqual(signatures, expected);
});

test("js-v3 gives up at the first 503 of IMDS: it makes one attempt", async (t) => {
  const { failure } = await afterA503(t, APP, IMDS);
  assert.match(failure ?? "", /Could not load credentials from any providers/);
});
