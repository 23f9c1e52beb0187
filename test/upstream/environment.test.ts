import assert from "node:assert/strict";
import { test } from "node:test";
import { useEnvironment, type Variables } from "../support/environment.ts";
import { assertTellsNothing, defaultUpstream, failureOf, fetchOnce, SAID } from "../support/identities.ts";
import { STATIC_KEYS } from "../support/sts-answers.ts";

const FLAGS = ["--upstream=environment"];

test("the environment gives static keys", async (t) => {
  useEnvironment(t, STATIC_KEYS);
  assert.deepEqual(await fetchOnce(defaultUpstream(FLAGS)), {
    accessKeyId: STATIC_KEYS.AWS_ACCESS_KEY_ID,
    secretAccessKey: STATIC_KEYS.AWS_SECRET_ACCESS_KEY,
    sessionToken: "",
    lifetime: { kind: "unlimited" },
    accountId: undefined,
    roleArn: undefined,
  });
});

test("the environment gives a session with its expiration and its account", async (t) => {
  const session = {
    AWS_SESSION_TOKEN: "fake-env-token",
    AWS_CREDENTIAL_EXPIRATION: "2099-01-01T00:00:00Z",
    AWS_ACCOUNT_ID: "123456789012",
  };
  useEnvironment(t, { ...STATIC_KEYS, ...session });
  const { sessionToken, lifetime, accountId } = await fetchOnce(defaultUpstream(FLAGS));
  assert.deepEqual(
    [sessionToken, lifetime, accountId],
    ["fake-env-token", { kind: "until", expiration: Date.UTC(2099, 0, 1) }, "123456789012"],
  );
});

const missing: readonly (readonly [name: string, env: Variables, kind: string])[] = [
  ["without keys", {}, "not-configured"],
  ["with half a pair", { AWS_ACCESS_KEY_ID: STATIC_KEYS.AWS_ACCESS_KEY_ID }, "not-configured"],
  ["with empty keys", { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" }, "not-configured"],
  ["with an expiration that is none", { ...STATIC_KEYS, AWS_CREDENTIAL_EXPIRATION: SAID }, "malformed"],
  ["with a key that is none", { ...STATIC_KEYS, AWS_ACCESS_KEY_ID: SAID }, "malformed"],
  ["with a secret that is none", { ...STATIC_KEYS, AWS_SECRET_ACCESS_KEY: `"${SAID}"` }, "malformed"],
];

for (const [name, env, expected] of missing) {
  test(`an environment ${name} is ${expected}, and its values are not repeated`, async (t) => {
    useEnvironment(t, env);
    const failure = await failureOf(defaultUpstream(FLAGS));
    assert.equal(failure.kind, expected);
    assertTellsNothing(failure);
  });
}
