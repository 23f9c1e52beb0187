/** A role assumed with what another upstream gives (`SIDECAR_ROLE_ARN`). */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { documentAnswer } from "../support/credential-documents.ts";
import { useEnvironment, type Variables, writeShared } from "../support/environment.ts";
import { type FakeRequest, type FakeServer, fakeServer, type Reply } from "../support/fake-http.ts";
import { fakeImds } from "../support/fake-imds.ts";
import { defaultUpstream, failureOf, fetchOnce, identitiesOf } from "../support/identities.ts";
import { actionOf, ROLE, STATIC_KEYS, stsAnswer, stsError, stsSession } from "../support/sts-answers.ts";

const OTHER_ROLE = "arn:aws:iam::210987654321:role/other";
const DOCUMENT_KEY = "ASIAFAKEDOCUMENT0000";
const WEB_KEY = "ASIAFAKEWEB000000000";

interface Base {
  readonly name: string;
  readonly kinds: readonly string[];
  /** Configures it; gives the fake that it asks, if any. */
  readonly prepare: (t: TestContext, sts: Variables) => Promise<FakeServer | undefined>;
  /** The key that the chained role must be assumed with. */
  readonly key: string;
}

const bases: readonly Base[] = [
  {
    name: "environment",
    kinds: ["environment", "auto", "assume-role"],
    key: STATIC_KEYS.AWS_ACCESS_KEY_ID,
    prepare: async (t, sts) => void useEnvironment(t, { ...sts, ...STATIC_KEYS }),
  },
  {
    name: "profile",
    kinds: ["profile", "auto", "assume-role"],
    key: "AKIAFAKEPROFILE00000",
    prepare: async (t, sts) => {
      const { home } = useEnvironment(t, { ...sts, AWS_PROFILE: "dev" });
      const credentials = "[dev]\naws_access_key_id=AKIAFAKEPROFILE00000\naws_secret_access_key=fake-profile-secret\n";
      writeShared(home, { credentials });
      return undefined;
    },
  },
  {
    name: "container",
    kinds: ["container", "auto", "assume-role"],
    key: DOCUMENT_KEY,
    prepare: async (t, sts) => {
      const server = await fakeServer(t, () => documentAnswer({ AccessKeyId: DOCUMENT_KEY }));
      useEnvironment(t, { ...sts, AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.url}/creds` });
      return server;
    },
  },
  {
    name: "imds",
    kinds: ["imds", "auto", "assume-role"],
    key: DOCUMENT_KEY,
    prepare: async (t, sts) => {
      const server = await fakeImds(t, { credentials: () => documentAnswer({ AccessKeyId: DOCUMENT_KEY }) });
      const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url, AWS_EC2_METADATA_DISABLED: "false" };
      useEnvironment(t, { ...sts, ...env });
      return server;
    },
  },
  {
    name: "web identity",
    kinds: ["auto", "assume-role"],
    key: WEB_KEY,
    prepare: async (t, sts) => {
      const { home } = useEnvironment(t, { ...sts, AWS_ROLE_ARN: ROLE });
      process.env.AWS_WEB_IDENTITY_TOKEN_FILE = join(home, "token");
      writeFileSync(join(home, "token"), "fake-web");
      return undefined;
    },
  },
];

/** Keys that are the session of a role, whatever they are: role chaining's hour is known. */
const knowsChaining: ReadonlySet<string> = new Set(["container", "imds", "web identity"]);

/** A fake STS that knows both calls. */
async function fakeSts(t: TestContext, assumeRole: (form: URLSearchParams) => Reply) {
  const sts = await fakeServer(t, ({ body }) => {
    const action = actionOf(body);
    if (action === "AssumeRole") return assumeRole(new URLSearchParams(body));
    return stsAnswer(action, stsSession({ accessKeyId: WEB_KEY }));
  });
  return { sts, env: { AWS_ENDPOINT_URL_STS: sts.url, AWS_REGION: "eu-west-1" } };
}

const callsOf = ({ requests }: FakeServer, action: string) => requests.filter(({ body }) => actionOf(body) === action);
const formOf = (request: FakeRequest | undefined) => Object.fromEntries(new URLSearchParams(request?.body));
const signerOf = (request: FakeRequest) => /Credential=(\w+)/.exec(request.headers.authorization ?? "")?.[1];

for (const { name, kinds, prepare, key } of bases) {
  for (const kind of kinds) {
    const flags = [`--upstream=${kind}`, `--role-arn=${OTHER_ROLE}`, "--role-session-name=me"];

    test(`${kind}: a role is assumed with the credentials of ${name}, read anew for each session`, async (t) => {
      const session = stsSession({ expiration: "2099-01-01T00:00:00Z" });
      const { sts, env } = await fakeSts(t, () => stsAnswer("AssumeRole", session, "210987654321"));
      const asked = await prepare(t, env);
      const upstream = defaultUpstream(flags);
      assert.deepEqual(await fetchOnce(upstream), {
        accessKeyId: session.accessKeyId,
        secretAccessKey: session.secretAccessKey,
        sessionToken: session.sessionToken,
        lifetime: { kind: "until", expiration: Date.UTC(2099, 0, 1) },
        accountId: "210987654321",
        roleArn: OTHER_ROLE,
      });
      const readsOfOne = asked?.requests.length;
      await fetchOnce(upstream);
      const calls = callsOf(sts, "AssumeRole");
      assert.deepEqual(calls.map(signerOf), [key, key]);
      assert.equal(formOf(calls[0]).RoleArn, OTHER_ROLE);
      if (asked !== undefined && readsOfOne !== undefined) assert.equal(asked.requests.length, 2 * readsOfOne);
    });

    test(`${kind}: a chain on ${name} asks for the hour that STS allows${knowsChaining.has(name) ? ", without asking for more" : ""}`, async (t) => {
      const limit =
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
      const { sts, env } = await fakeSts(t, (form) =>
        Number(form.get("DurationSeconds")) > 3_600
          ? stsError(400, "ValidationError", limit)
          : stsAnswer("AssumeRole", stsSession()),
      );
      await prepare(t, env);
      const { upstreams, steps } = identitiesOf([...flags, "--duration=12h"]);
      const upstream = upstreams.get("default");
      assert.ok(upstream !== undefined);
      await fetchOnce(upstream);
      assert.deepEqual(steps, [[43_200, 3_600]]);
      assert.equal(callsOf(sts, "AssumeRole").length, knowsChaining.has(name) ? 1 : 2);
    });

    test(`${kind}: a chain on ${name} that STS fails is retried as what the whole fleet calls`, async (t) => {
      const { env } = await fakeSts(t, () => stsError(503, "ServiceUnavailable", "no"));
      await prepare(t, env);
      const upstream = defaultUpstream(flags);
      await failureOf(upstream);
      assert.equal(upstream.callers, "fleet");
    });

    test(`${kind}: a denied chain on ${name} is denied, not served with the credentials it began with`, async (t) => {
      const { sts, env } = await fakeSts(t, () => stsError(403, "AccessDenied", "no"));
      await prepare(t, env);
      const { kind: failed } = await failureOf(defaultUpstream(flags));
      assert.deepEqual([failed, callsOf(sts, "AssumeRole").length], ["denied", 1]);
    });
  }
}

test("the session's limits are for the role at the end of the chain alone", async (t) => {
  const { sts, env } = await fakeSts(t, () => stsAnswer("AssumeRole", stsSession()));
  await bases.find(({ name }) => name === "web identity")?.prepare(t, env);
  const limits = ["--duration=45m", '--session-policy={"Version":"2012-10-17"}', "--role-session-name=me"];
  await fetchOnce(defaultUpstream(["--upstream=auto", `--role-arn=${OTHER_ROLE}`, ...limits]));
  const [first] = callsOf(sts, "AssumeRoleWithWebIdentity").map(formOf);
  const [last] = callsOf(sts, "AssumeRole").map(formOf);
  assert.deepEqual([first?.RoleArn, first?.RoleSessionName], [ROLE, "me"]);
  assert.deepEqual([first?.DurationSeconds, first?.Policy], [undefined, undefined]);
  assert.deepEqual([last?.DurationSeconds, last?.Policy], ["2700", '{"Version":"2012-10-17"}']);
});

test("a chain whose beginning fails says so, and STS is not asked", async (t) => {
  const { sts, env } = await fakeSts(t, () => stsAnswer("AssumeRole", stsSession()));
  const container = await fakeServer(t, () => ({ status: 500 }));
  useEnvironment(t, { ...env, AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.url}/creds` });
  const { kind } = await failureOf(defaultUpstream(["--upstream=container", `--role-arn=${OTHER_ROLE}`]));
  assert.deepEqual([kind, container.requests.length, sts.requests.length], ["unavailable", 1, 0]);
});
