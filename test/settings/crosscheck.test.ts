import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAll, crossCheck } from "../../src/settings/crosscheck.ts";
import { effectiveImds, inForce } from "../../src/settings/exposure.ts";
import { resolveSettings } from "../../src/settings/resolve.ts";
import { resolved } from "../support/resolved.ts";

type Env = Readonly<Record<string, string>>;

function checked(flags: readonly string[], env: Env = {}) {
  return crossCheck(resolved(flags, env));
}

const ROLE = "--role-arn=arn:aws:iam::123456789012:role/app";
const TOKEN_FILE = "--auth-token-file=/run/token";
const WEB_IDENTITY: Env = {
  AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/app",
  AWS_WEB_IDENTITY_TOKEN_FILE: "/run/token",
};

interface Case {
  readonly name: string;
  readonly flags: readonly string[];
  readonly env?: Env;
  /** What each problem's message begins with, in order. */
  readonly problems: readonly string[];
}

const cases: readonly Case[] = [
  { name: "the defaults", flags: [], problems: [] },
  {
    name: "loopback and link-local addresses",
    flags: ["--listen=127.0.0.1:1,[::1]:1,169.254.170.2:80,[fd00:ec2::23]:80"],
    problems: [],
  },
  {
    name: "every interface without a token",
    flags: ["--listen=:9911"],
    problems: ["SIDECAR_LISTEN (--listen): :9911 can be reached from outside this pod; allowed: a loopback"],
  },
  {
    name: "each open address without a token",
    flags: ["--listen=0.0.0.0:1,127.0.0.1:2,[::]:3,10.0.0.1:4"],
    problems: ["0.0.0.0:1", "[::]:3", "10.0.0.1:4"].map((address) => `SIDECAR_LISTEN (--listen): ${address} can be`),
  },
  { name: "every interface with a token file", flags: ["--listen=:9911", TOKEN_FILE], problems: [] },
  {
    name: "every interface with a token",
    flags: ["--listen=:9911"],
    env: { SIDECAR_AUTH_TOKEN: "fake" },
    problems: [],
  },
  {
    name: "IMDS on an open address",
    flags: ["--listen=:9911", TOKEN_FILE, "--imds=v2"],
    problems: ["SIDECAR_IMDS (--imds): IMDS asks for no auth token"],
  },
  {
    name: "a medium for a state file that is not there",
    flags: ["--state-medium=any"],
    problems: ["SIDECAR_STATE_MEDIUM (--state-medium) has no effect without SIDECAR_STATE_FILE (--state-file)"],
  },
  { name: "a state file", flags: ["--state-file=/run/state/private/state.json", TOKEN_FILE], problems: [] },
  {
    name: "a state file in place of the token",
    flags: ["--state-file=/run/token", TOKEN_FILE],
    problems: ["SIDECAR_STATE_FILE (--state-file): /run/token is where tokens are read from"],
  },
  {
    name: "a state file among the tokens",
    flags: ["--state-file=/run/token/state.json", TOKEN_FILE],
    problems: ["SIDECAR_STATE_FILE (--state-file): /run/token/state.json is where tokens are read from"],
  },
  { name: "IMDS beside a token on loopback", flags: [TOKEN_FILE, "--imds=v2"], problems: [] },
  { name: "IMDS off on an open address", flags: ["--listen=:9911", TOKEN_FILE, "--imds=off"], problems: [] },
  {
    name: "the pods of a node without a token",
    flags: ["--peers=node", "--listen=169.254.170.2:9911"],
    problems: ["SIDECAR_PEERS (--peers): node lets every pod of the node connect, so it needs SIDECAR_AUTH_TOKEN_FILE"],
  },
  {
    name: "the pods of a node where they cannot connect",
    flags: ["--peers=node", TOKEN_FILE],
    problems: ["SIDECAR_PEERS (--peers): node has no effect without a link-local address in SIDECAR_LISTEN"],
  },
  {
    name: "IMDS for the pods of a node",
    flags: ["--peers=node", "--listen=169.254.169.254:80", TOKEN_FILE, "--imds=v2"],
    problems: ["SIDECAR_IMDS (--imds): IMDS asks for no auth token"],
  },
  {
    name: "the pods of a node with a token",
    flags: ["--peers=node", "--listen=169.254.170.2:9911", TOKEN_FILE],
    problems: [],
  },
  {
    name: "assume-role without a role",
    flags: ["--upstream=assume-role"],
    problems: ["SIDECAR_UPSTREAM (--upstream): assume-role needs SIDECAR_ROLE_ARN"],
  },
  { name: "assume-role with a role", flags: ["--upstream=assume-role", ROLE], problems: [] },
  { name: "web-identity with AWS variables", flags: ["--upstream=web-identity"], env: WEB_IDENTITY, problems: [] },
  {
    name: "web-identity with a role of its own",
    flags: ["--upstream=web-identity", ROLE],
    env: { ...WEB_IDENTITY, AWS_ROLE_ARN: "" },
    problems: [],
  },
  {
    name: "web-identity without AWS variables",
    flags: ["--upstream=web-identity"],
    problems: [
      "SIDECAR_UPSTREAM (--upstream): web-identity needs AWS_ROLE_ARN or SIDECAR_ROLE_ARN (--role-arn)",
      "SIDECAR_UPSTREAM (--upstream): web-identity needs AWS_WEB_IDENTITY_TOKEN_FILE",
    ],
  },
  {
    name: "a role for the demo",
    flags: ["--upstream=demo", ROLE],
    problems: ["SIDECAR_ROLE_ARN (--role-arn): the demo upstream"],
  },
  {
    name: "a variable that holds no ARN, where the upstream does not look at it",
    flags: ["--upstream=container"],
    env: { AWS_ROLE_ARN: "app" },
    problems: [],
  },
  {
    name: "settings of a role without one",
    flags: [
      "--external-id=id",
      "--source-identity=me",
      "--session-tags=a=b",
      "--session-policy={}",
      "--session-policy-arns=arn:aws:iam::aws:policy/p",
    ],
    problems: ["EXTERNAL_ID", "SOURCE_IDENTITY", "SESSION_TAGS", "SESSION_POLICY", "SESSION_POLICY_ARNS"].map(
      (name) => `SIDECAR_${name} (--`,
    ),
  },
  {
    name: "settings of a role with one",
    flags: [ROLE, "--external-id=id", "--source-identity=me", "--session-tags=a=b", "--session-policy={}"],
    problems: [],
  },
  {
    name: "a transitive tag that is no session tag",
    flags: [ROLE, "--session-tags=a=b", "--transitive-tag-keys=a,c"],
    problems: ["SIDECAR_TRANSITIVE_TAG_KEYS (--transitive-tag-keys): c is not"],
  },
  {
    name: "settings that a web identity does not take",
    flags: [
      "--upstream=web-identity",
      "--external-id=id",
      "--source-identity=me",
      "--session-tags=a=b",
      "--session-policy={}",
    ],
    env: WEB_IDENTITY,
    problems: ["EXTERNAL_ID", "SOURCE_IDENTITY", "SESSION_TAGS"].map((name) => `SIDECAR_${name} (--`),
  },
  { name: "profiles of the default chain", flags: ["--profiles=app,reports"], problems: [] },
  { name: "profiles of processes", flags: ["--profiles=app", "--upstream=process"], problems: [] },
  ...["web-identity", "imds", "container", "environment", "demo"].map((upstream) => ({
    name: `profiles of ${upstream}`,
    flags: ["--profiles=app", `--upstream=${upstream}`],
    env: WEB_IDENTITY,
    problems: [
      `SIDECAR_PROFILES (--profiles) goes with the upstreams auto, profile, sso and process, not with ${upstream}`,
    ],
  })),
  {
    name: "a profile twice",
    flags: ["--profiles=app,app"],
    problems: ["SIDECAR_PROFILES (--profiles) names a profile twice"],
  },
  {
    name: "a default profile that is not first",
    flags: ["--profiles=app,default"],
    problems: ["SIDECAR_PROFILES (--profiles): the first profile is served as default"],
  },
  { name: "a default profile that is first", flags: ["--profiles=default,app"], problems: [] },
  {
    name: "a minimum lifetime as long as the session",
    flags: [ROLE, "--minimum-lifetime=1h"],
    problems: [
      "SIDECAR_MINIMUM_LIFETIME (--minimum-lifetime): a minimum lifetime of 1h is not possible with sessions of 1h (SIDECAR_DURATION (--duration))",
    ],
  },
  {
    name: "a minimum lifetime a second shorter than the session",
    flags: [ROLE, "--minimum-lifetime=3599s"],
    problems: [],
  },
  { name: "a long minimum lifetime where nobody asks STS", flags: ["--minimum-lifetime=6h"], problems: [] },
  { name: "the default minimum lifetime with the shortest session", flags: [ROLE, "--duration=15m"], problems: [] },
];

for (const { name, flags, env = {}, problems } of cases) {
  test(`${problems.length === 0 ? "is content with" : "tells what is wrong with"} ${name}`, () => {
    const found = checked(flags, env).problems;
    assert.deepEqual(
      found.map(({ code }) => code),
      problems.map(() => "Conflict"),
    );
    for (const [index, beginning] of problems.entries()) {
      const message = found[index]?.message ?? "";
      assert.ok(message.startsWith(beginning), `${message}\ndoes not begin with\n${beginning}`);
    }
  });
}

test("tells every contradiction at once", () => {
  const flags = ["--listen=:9911", "--upstream=assume-role", "--profiles=a,a", "--external-id=id"];
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://localhost:9911/v1/credentials" };
  assert.equal(checked(flags, env).problems.length, 6);
});

interface CautionCase {
  readonly name: string;
  readonly flags: readonly string[];
  readonly env?: Env;
  readonly codes: readonly string[];
}

const BOTH: Env = {
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/x",
  AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1/x",
};

const cautions: readonly CautionCase[] = [
  { name: "the defaults", flags: [], codes: [] },
  {
    name: "sessions too short for the default minimum lifetime",
    flags: [ROLE, "--duration=15m"],
    codes: ["MinimumLifetimeOutOfReach"],
  },
  {
    name: "sessions a second too short for it",
    flags: [ROLE, "--duration=2999s"],
    codes: ["MinimumLifetimeOutOfReach"],
  },
  { name: "sessions just long enough for it", flags: [ROLE, "--duration=50m"], codes: [] },
  {
    name: "short sessions of a web identity",
    flags: ["--upstream=web-identity", "--duration=15m"],
    env: WEB_IDENTITY,
    codes: ["MinimumLifetimeOutOfReach"],
  },
  {
    name: "short sessions with a minimum lifetime of their own",
    flags: [ROLE, "--duration=15m", "--minimum-lifetime=10m"],
    codes: [],
  },
  { name: "short sessions that nobody asks for", flags: ["--duration=15m"], codes: [] },
  { name: "a token in the arguments", flags: ["--auth-token=fake"], codes: ["TokenInArguments"] },
  { name: "a token in the environment", flags: [], env: { SIDECAR_AUTH_TOKEN: "fake" }, codes: [] },
  { name: "both container URIs", flags: [], env: BOTH, codes: ["RelativeUriWins"] },
  { name: "one container URI", flags: [], env: { ...BOTH, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "" }, codes: [] },
  {
    name: "all of that",
    flags: [ROLE, "--duration=15m", "--auth-token=fake"],
    env: BOTH,
    codes: ["MinimumLifetimeOutOfReach", "TokenInArguments", "RelativeUriWins"],
  },
];

for (const { name, flags, env = {}, codes } of cautions) {
  test(`${codes.length === 0 ? "has no caution for" : "cautions against"} ${name}`, () => {
    const { problems, cautions: found } = checked(flags, env);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      found.map(({ code }) => code),
      codes,
    );
  });
}

test("never shows the token that it cautions against", () => {
  const token = "canary-5f1e";
  assert.equal(JSON.stringify(checked([`--auth-token=${token}`, "--listen=:1", "--imds=v2"])).includes(token), false);
});

const protocols = [
  { name: "v2 by default", flags: [], imds: "v2" },
  { name: "off with a token", flags: ["--auth-token=fake"], imds: "off" },
  { name: "off with a token file", flags: [TOKEN_FILE], imds: "off" },
  { name: "what was asked for beside a token", flags: ["--auth-token=fake", "--imds=v1"], imds: "v1" },
  { name: "v2 when just that was asked for beside a token", flags: ["--auth-token=fake", "--imds=v2"], imds: "v2" },
  { name: "off when that was asked for", flags: ["--imds=off"], imds: "off" },
];

for (const { name, flags, imds } of protocols) {
  test(`has IMDS ${name}`, () => {
    const { settings, sources } = resolved(flags);
    assert.equal(effectiveImds(settings, sources), imds);
    assert.deepEqual(inForce({ settings, sources }), { ...settings, imds }, "which is what people are shown");
  });
}

for (const upstream of ["auto", "assume-role", "web-identity"]) {
  test(`checks AWS_ROLE_ARN like SIDECAR_ROLE_ARN where the upstream is ${upstream}`, () => {
    const env = { ...WEB_IDENTITY, AWS_ROLE_ARN: "app" };
    assert.deepEqual(checked([`--upstream=${upstream}`, ROLE], env).problems, [
      {
        code: "BadValue",
        message:
          'AWS_ROLE_ARN: "app" is not allowed; allowed: the ARN of an IAM role, such as arn:aws:iam::123456789012:role/orders',
      },
    ]);
  });
}

const bothKinds = [
  ["a bad value and a contradiction", ["--duration=5m", "--upstream=assume-role"], ["BadValue", "Conflict"]],
  ["no contradiction with a value that is not allowed", ["--role-arn=x", "--upstream=assume-role"], ["BadValue"]],
  ["no contradiction with a flag that is misspelt", ["--rol-arn=x", "--upstream=assume-role"], ["UnknownFlag"]],
  ["nor with one that has no value", ["--upstream=assume-role", "--role-arn"], ["MissingValue"]],
] as const;

for (const [name, flags, codes] of bothKinds) {
  test(`tells all at once: ${name}`, () => {
    assert.deepEqual(
      checkAll(resolveSettings(flags, {})).problems.map(({ code }) => code),
      codes,
    );
  });
}

test("tells of AWS_ROLE_ARN and of a proxy beside a bad value", () => {
  const env = { AWS_ROLE_ARN: "app", HTTPS_PROXY: "proxy:3128" };
  const { problems } = checkAll(resolveSettings(["--duration=5m"], env));
  assert.deepEqual(
    problems.map(({ message }) => message.split(":")[0]),
    ["--duration", "AWS_ROLE_ARN", "HTTPS_PROXY"],
  );
});
