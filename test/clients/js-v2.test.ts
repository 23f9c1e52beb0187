import assert from "node:assert/strict";
import { test } from "node:test";
import { CONTAINER, IMDS } from "../support/sdk-client.ts";
import { afterA503, type JavaScriptSdk, showsCredentials, showsPatience, withStaticKeys } from "./javascript.ts";

const APP = "js-v2-app.ts";
const sdk: JavaScriptSdk = {
  name: "js-v2",
  app: APP,
  // Its clients share one chain.
  reads: 1,
  labels: { container: "js-v2", imds: "no-agent" },
};

showsCredentials(sdk);
showsPatience(sdk);

test("js-v2 takes static keys from IMDS and signs without a session token", async (t) => {
  const { failure, signatures, expected } = await withStaticKeys(t, APP, IMDS);
  assert.equal(failure, undefined);
  assert.deepEqual(signatures, expected);
});

test("js-v2 refuses static keys of the container endpoint: it demands a session token there", async (t) => {
  const { failure, signatures } = await withStaticKeys(t, APP, CONTAINER);
  assert.match(failure ?? "", /Could not load credentials from any providers/);
  assert.deepEqual(signatures, []);
});

for (const way of [CONTAINER, IMDS]) {
  test(`js-v2 goes on after a 503 of ${way.name}, without an error`, async (t) => {
    const { failure, reported, signatures, expected } = await afterA503(t, APP, way);
    assert.equal(failure, undefined);
    assert.ok(reported > 0, "a 503 was told");
    assert.deepEqual(signatures, expected);
  });
}
