/** The digest of what an upstream is asked for: other credentials, another digest. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { createIdentities } from "../../src/upstream/create.ts";
import { useEnvironment, type Variables, writeShared } from "../support/environment.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import { resolved } from "../support/resolved.ts";

interface Asking {
  readonly flags?: readonly string[];
  readonly env?: Variables;
  readonly config?: string;
  readonly hostname?: string;
}

const ROLE = "arn:aws:iam::123456789012:role/app";
const BASE: Asking = {
  flags: [`--role-arn=${ROLE}`, "--session-tags=team=a"],
  env: { AWS_REGION: "eu-west-1", AWS_PROFILE: "app" },
  config: "[profile app]\naws_access_key_id = AKIAFAKEFAKEFAKE0001\naws_secret_access_key = fake-secret\n",
};

/** The digest of the default identity with these settings, variables and files. */
async function digestOf(t: TestContext, { flags = [], env = {}, config = "", hostname = "pod-1" }: Asking) {
  const { home } = useEnvironment(t);
  writeShared(home, { config });
  const edge = fakeEdge({ env: { HOME: home, ...env }, hostname });
  const { settings } = resolved(flags);
  const [identity] = createIdentities(settings, edge, { onSessionDuration: () => {} });
  return await identity?.upstream.askedFor?.();
}

const others: Readonly<Record<string, Asking>> = {
  "another role": { ...BASE, flags: [`--role-arn=${ROLE}-2`, "--session-tags=team=a"] },
  "another account": { ...BASE, flags: [`--role-arn=${ROLE.replace("1", "2")}`, "--session-tags=team=a"] },
  "other session tags": { ...BASE, flags: [`--role-arn=${ROLE}`, "--session-tags=team=b"] },
  "a session policy": { ...BASE, flags: [...(BASE.flags ?? []), "--session-policy={}"] },
  "a managed session policy": {
    ...BASE,
    flags: [...(BASE.flags ?? []), "--session-policy-arns=arn:aws:iam::aws:policy/ReadOnlyAccess"],
  },
  "an external ID": { ...BASE, flags: [...(BASE.flags ?? []), "--external-id=some-id"] },
  "a source identity": { ...BASE, flags: [...(BASE.flags ?? []), "--source-identity=someone"] },
  "another session name": { ...BASE, flags: [...(BASE.flags ?? []), "--role-session-name=other"] },
  "another duration": { ...BASE, flags: [...(BASE.flags ?? []), "--duration=15m"] },
  "another upstream": { ...BASE, flags: [...(BASE.flags ?? []), "--upstream=profile"] },
  "another profile": {
    ...BASE,
    env: { ...BASE.env, AWS_PROFILE: "other" },
    config: `${BASE.config}${BASE.config?.replace("app", "other")}`,
  },
  "other keys in the profile": { ...BASE, config: BASE.config?.replace("fake-secret", "fake-other-secret") ?? "" },
  "an endpoint in the profile": { ...BASE, config: `${BASE.config}endpoint_url = https://sts.example/\n` },
  "an endpoint in a variable": { ...BASE, env: { ...BASE.env, AWS_ENDPOINT_URL_STS: "https://sts.example/" } },
  "another region": { ...BASE, env: { ...BASE.env, AWS_REGION: "us-gov-west-1" } },
  "another pod": { ...BASE, hostname: "pod-2" },
};

const same: Readonly<Record<string, Asking>> = {
  "another log level": { ...BASE, flags: [...(BASE.flags ?? []), "--log-level=warn"] },
  "another minimum lifetime": { ...BASE, flags: [...(BASE.flags ?? []), "--minimum-lifetime=10m"] },
  "a fallback region": { ...BASE, flags: [...(BASE.flags ?? []), "--sts-fallback-regions=eu-central-1"] },
  "a proxy, whose password a digest would betray": {
    ...BASE,
    env: { ...BASE.env, HTTPS_PROXY: "http://user:fake-password@proxy.example" },
  },
};

suite("What upstream is asked for", () => {
  for (const [what, asking] of Object.entries(others)) {
    test(`is something else with ${what}`, async (t) => {
      assert.notEqual(await digestOf(t, asking), await digestOf(t, BASE));
    });
  }

  for (const [what, asking] of Object.entries(same)) {
    test(`is the same with ${what}`, async (t) => {
      assert.equal(await digestOf(t, asking), await digestOf(t, BASE));
    });
  }

  test("has a digest that holds none of it", async (t) => {
    assert.match((await digestOf(t, BASE)) ?? "", /^[\w-]{43}$/);
  });

  test("cannot be said when it is set up wrongly", async (t) => {
    await assert.rejects(digestOf(t, { ...BASE, config: "" }), /is not in/);
  });

  test("differs by the container endpoint and by its token", async (t) => {
    const uri = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/a" };
    const digests = await Promise.all(
      [
        uri,
        { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/b" },
        { ...uri, AWS_CONTAINER_AUTHORIZATION_TOKEN: "fake" },
      ].map((env) => digestOf(t, { flags: ["--upstream=container"], env })),
    );
    assert.equal(new Set(digests).size, 3);
  });
});
