/** `auto`: the SDKs' default chain. Each link is configured with all the later ones, and wins over them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { documentAnswer } from "../support/credential-documents.ts";
import { useEnvironment, type Variables, writeShared } from "../support/environment.ts";
import { closedPort, type FakeServer, fakeServer, type Reply } from "../support/fake-http.ts";
import { fakeImds } from "../support/fake-imds.ts";
import { defaultUpstream, failureOf, fetchOnce } from "../support/identities.ts";
import { ROLE, stsAnswer, stsSession } from "../support/sts-answers.ts";

const FLAGS = ["--upstream=auto"];

const KEYS = {
  environment: "AKIAFAKEENV000000000",
  profile: "AKIAFAKEPROFILE00000",
  process: "AKIAFAKEPROCESS00000",
  "web identity": "ASIAFAKEWEB000000000",
  container: "ASIAFAKECONTAINER000",
  imds: "ASIAFAKEIMDS00000000",
} as const;
type Link = keyof typeof KEYS;
const links = Object.keys(KEYS) as readonly Link[];

interface Servers {
  readonly sts: FakeServer;
  readonly container: FakeServer;
  readonly imds: FakeServer;
}

/** Configures the links of the chain that are asked for. */
async function configure(t: TestContext, wanted: readonly Link[], container?: Reply): Promise<Servers> {
  const sts = await fakeServer(t, () =>
    stsAnswer("AssumeRoleWithWebIdentity", stsSession({ accessKeyId: KEYS["web identity"] })),
  );
  const endpoint = await fakeServer(t, () => container ?? documentAnswer({ AccessKeyId: KEYS.container }));
  const imds = await fakeImds(t, { credentials: () => documentAnswer({ AccessKeyId: KEYS.imds }) });
  const { home } = useEnvironment(t, { AWS_ENDPOINT_URL_STS: sts.url, AWS_REGION: "eu-west-1" });
  writeFileSync(join(home, "token"), "fake-web");
  const set = (variables: Variables) => void Object.assign(process.env, variables);
  const configured: Record<Link, () => void> = {
    environment: () => set({ AWS_ACCESS_KEY_ID: KEYS.environment, AWS_SECRET_ACCESS_KEY: "fake-env-secret" }),
    profile: () =>
      writeShared(home, {
        credentials: `[default]\naws_access_key_id=${KEYS.profile}\naws_secret_access_key=fake-profile-secret\n`,
      }),
    process: () => {
      const answer = { Version: 1, AccessKeyId: KEYS.process, SecretAccessKey: "fake-process-secret" };
      writeFileSync(join(home, "answer"), JSON.stringify(answer));
      writeShared(home, { config: `[default]\ncredential_process = cat ${join(home, "answer")}\n` });
    },
    "web identity": () => set({ AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: join(home, "token") }),
    container: () => set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint.url}/creds` }),
    imds: () => set({ AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url, AWS_EC2_METADATA_DISABLED: undefined }),
  };
  for (const link of wanted) configured[link]();
  return { sts, container: endpoint, imds };
}

for (const [index, link] of links.entries()) {
  const later = links.slice(index + 1);
  test(`${link} wins over ${later.join(", ") || "nothing else"}`, async (t) => {
    const servers = await configure(t, links.slice(index));
    const { accessKeyId } = await fetchOnce(defaultUpstream(FLAGS));
    assert.equal(accessKeyId, KEYS[link]);
    const asked = { "web identity": servers.sts, container: servers.container, imds: servers.imds };
    const calls = Object.entries(asked).filter(([, { requests }]) => requests.length > 0);
    assert.deepEqual(
      calls.map(([name]) => name),
      Object.keys(asked).filter((name) => name === link),
      "no later link is asked",
    );
  });
}

test("AWS_PROFILE wins over the environment's keys", async (t) => {
  await configure(t, ["environment"]);
  writeShared(process.env.HOME ?? "", {
    credentials: `[dev]\naws_access_key_id=${KEYS.profile}\naws_secret_access_key=fake-profile-secret\n`,
  });
  process.env.AWS_PROFILE = "dev";
  assert.equal((await fetchOnce(defaultUpstream(FLAGS))).accessKeyId, KEYS.profile);
});

test("a role by web identity is told with its credentials", async (t) => {
  await configure(t, ["web identity", "imds"]);
  const { roleArn, accountId } = await fetchOnce(defaultUpstream(FLAGS));
  assert.deepEqual([roleArn, accountId], [ROLE, "123456789012"]);
});

test("a role that AWS_ROLE_ARN names is not told with credentials that came from elsewhere", async (t) => {
  await configure(t, ["environment", "web identity"]);
  const { roleArn } = await fetchOnce(defaultUpstream(FLAGS));
  assert.equal(roleArn, undefined);
});

test("a container that fails is asked once, and IMDS is not asked instead", async (t) => {
  const { container, imds } = await configure(t, ["container", "imds"], { status: 500 });
  const { kind } = await failureOf(defaultUpstream(FLAGS));
  assert.deepEqual([kind, container.requests.length, imds.requests.length], ["unavailable", 1, 0]);
});

test("a web identity that is denied is not replaced by the container's credentials", async (t) => {
  const { container } = await configure(t, ["web identity", "container"]);
  const denying = await fakeServer(t, () => ({ status: 403 }));
  process.env.AWS_ENDPOINT_URL_STS = denying.url;
  const { kind } = await failureOf(defaultUpstream(FLAGS));
  assert.deepEqual([kind, container.requests.length], ["denied", 0]);
});

test("a web identity token file that is not there is said, and IMDS is not asked instead", async (t) => {
  const { imds } = await configure(t, ["web identity", "imds"]);
  process.env.AWS_WEB_IDENTITY_TOKEN_FILE = join(process.env.HOME ?? "", "none");
  const { kind, upstreamCode } = await failureOf(defaultUpstream(FLAGS));
  assert.deepEqual([kind, upstreamCode, imds.requests.length], ["not-configured", "ENOENT", 0]);
});

test("a profile whose program fails is not replaced by the node's role, and its program runs once", async (t) => {
  const { imds } = await configure(t, ["process", "imds"]);
  const upstream = defaultUpstream(FLAGS);
  assert.equal((await fetchOnce(upstream)).accessKeyId, KEYS.process);
  const home = process.env.HOME ?? "";
  writeShared(home, { config: `[default]\ncredential_process = echo run >> ${join(home, "runs")}; exit 1\n` });
  const { kind } = await failureOf(upstream);
  assert.deepEqual([kind, imds.requests.length], ["unavailable", 0]);
  assert.equal(readFileSync(join(home, "runs"), "utf8"), "run\n");
});

for (const value of ["true", "TRUE", "1", "yes"]) {
  test(`AWS_EC2_METADATA_DISABLED=${value} keeps the chain from IMDS`, async (t) => {
    const { imds } = await configure(t, ["imds"]);
    process.env.AWS_EC2_METADATA_DISABLED = value;
    const { kind } = await failureOf(defaultUpstream(FLAGS));
    assert.deepEqual([kind, imds.requests.length], ["not-configured", 0]);
  });
}

for (const value of ["", "false", "False"]) {
  test(`AWS_EC2_METADATA_DISABLED=${value} lets the chain come to IMDS`, async (t) => {
    await configure(t, ["imds"]);
    process.env.AWS_EC2_METADATA_DISABLED = value;
    assert.equal((await fetchOnce(defaultUpstream(FLAGS))).accessKeyId, KEYS.imds);
  });
}

test("a chain with nothing in it is not configured", async (t) => {
  const { imds } = await configure(t, []);
  process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = imds.url;
  const { kind } = await failureOf(defaultUpstream(FLAGS));
  assert.deepEqual([kind, imds.requests.length], ["not-configured", 0], "AWS_EC2_METADATA_DISABLED is heeded");
});

test("a chain that comes to an IMDS where nobody listens is unreachable", async (t) => {
  await configure(t, ["imds"]);
  process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = `http://127.0.0.1:${await closedPort()}`;
  const { kind } = await failureOf(defaultUpstream(FLAGS));
  assert.equal(kind, "unreachable");
});

const R = `role_arn = ${ROLE}\n`;
const K = "aws_access_key_id = AKIAFAKEPROFILE00000\naws_secret_access_key = fake-profile-secret\n";
const half = { AWS_ACCESS_KEY_ID: KEYS.environment };

for (const [name, config, env] of [
  ["AWS_PROFILE that names no profile", `[profile x]\n${K}`, { AWS_PROFILE: "typo" }],
  ["AWS_DEFAULT_PROFILE that names no profile", `[profile x]\n${K}`, { AWS_DEFAULT_PROFILE: "typo" }],
  ["AWS_CONFIG_FILE that is not there", "", { AWS_CONFIG_FILE: "/nonexistent" }],
  ["a config file that is a directory", "", { AWS_CONFIG_FILE: "/tmp" }],
  ["a config file that cannot be read", "[default\n", {}],
  ["a source_profile that is misspelt", `[default]\n${R}source_profile = bse\n[profile base]\n${K}`, {}],
  ["a role without a source", `[profile app]\n${R}`, { AWS_PROFILE: "app" }],
  ["half a pair of keys in the profile", "[default]\naws_secret_access_key = fake\n", {}],
  ["the key of a pair in the environment", "", half],
  ["the secret of a pair in the environment", "", { AWS_SECRET_ACCESS_KEY: "fake-env-secret" }],
  ["a session token alone in the environment", "", { AWS_SESSION_TOKEN: "fake-token" }],
  ["an old session token alone in the environment", "", { AWS_SECURITY_TOKEN: "fake-token" }],
  ["a session token alone in the profile", "[default]\naws_session_token = fake-token\n", {}],
  ["a web identity token file without a role", "", { AWS_WEB_IDENTITY_TOKEN_FILE: "/tmp/none" }],
  ["a role without a web identity token file", "", { AWS_ROLE_ARN: ROLE }],
  ["a container token without a URI", "", { AWS_CONTAINER_AUTHORIZATION_TOKEN: "fake-token" }],
  ["a container URI that is none", "", { AWS_CONTAINER_CREDENTIALS_FULL_URI: "127.0.0.1" }],
] as const) {
  test(`${name} is not configured, and the node's role does not take its place`, async (t) => {
    const { imds } = await configure(t, ["imds"]);
    writeShared(process.env.HOME ?? "", { config });
    Object.assign(process.env, env);
    const { kind } = await failureOf(defaultUpstream(FLAGS));
    assert.deepEqual([kind, imds.requests.length], ["not-configured", 0]);
  });
}

for (const [name, config, env] of [
  ["no shared files at all", undefined, {}],
  ["an empty config file", "", {}],
  ["AWS_CONFIG_FILE=/dev/null", undefined, { AWS_CONFIG_FILE: "/dev/null" }],
  ["a default profile without a word of credentials", "[default]\nregion = eu-west-1\n", {}],
  ["a named profile without a word of credentials", "[profile app]\nregion = eu-west-1\n", { AWS_PROFILE: "app" }],
  ["other profiles than the default one", `[profile other]\n${K}`, {}],
] as const) {
  test(`${name} leads on to IMDS`, async (t) => {
    await configure(t, ["imds"]);
    if (config !== undefined) writeShared(process.env.HOME ?? "", { config });
    Object.assign(process.env, env);
    assert.equal((await fetchOnce(defaultUpstream(FLAGS))).accessKeyId, KEYS.imds);
  });
}

for (const [name, config] of [
  ["empty", ""],
  ["without its default profile", `[profile other]\n${K}`],
] as const) {
  test(`a config file that is ${name} at a refresh is a failure, and the node's role does not take over`, async (t) => {
    const { imds } = await configure(t, ["imds"]);
    const home = process.env.HOME ?? "";
    writeShared(home, { config: `[default]\n${K}` });
    const upstream = defaultUpstream(FLAGS);
    assert.equal((await fetchOnce(upstream)).accessKeyId, KEYS.profile);
    writeShared(home, { config });
    const { kind, message } = await failureOf(upstream);
    assert.deepEqual([kind, imds.requests.length], ["not-configured", 0]);
    assert.match(message, /the profile gave credentials before and is gone/);
    writeShared(home, { config: `[default]\n${K}` });
    assert.equal((await fetchOnce(upstream)).accessKeyId, KEYS.profile);
  });
}

test("a profile that appears takes over from the node's role: it comes first in the chain", async (t) => {
  await configure(t, ["imds"]);
  const upstream = defaultUpstream(FLAGS);
  assert.equal((await fetchOnce(upstream)).accessKeyId, KEYS.imds);
  writeShared(process.env.HOME ?? "", { config: `[default]\n${K}` });
  assert.equal((await fetchOnce(upstream)).accessKeyId, KEYS.profile);
});

test("two attempts of the chain never run the profile's program at once", async (t) => {
  await configure(t, []);
  const home = process.env.HOME ?? "";
  const [release, runs] = [join(home, "release"), join(home, "runs")];
  execFileSync("mkfifo", [release]);
  writeShared(home, { config: `[default]\ncredential_process = echo run >> ${runs}; cat ${release}\n` });
  const upstream = defaultUpstream(FLAGS);
  const { signal } = new AbortController();
  const [first, second] = [upstream.fetch(signal), upstream.fetch(signal)];
  const answer = JSON.stringify({ Version: 1, AccessKeyId: KEYS.process, SecretAccessKey: "fake-process-secret" });
  await writeFile(release, answer);
  await first;
  assert.equal(readFileSync(runs, "utf8").split("run").length - 1, 1);
  await writeFile(release, answer);
  assert.equal((await second).accessKeyId, KEYS.process);
});
