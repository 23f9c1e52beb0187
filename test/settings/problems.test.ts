import assert from "node:assert/strict";
import { test } from "node:test";
import type { SettingsProblem } from "../../src/settings/problems.ts";
import { resolveSettings } from "../../src/settings/resolve.ts";
import { resolved } from "../support/resolved.ts";

const CANARY = "canary-5f1e";

function problemsOf(
  flags: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): readonly SettingsProblem[] {
  const resolution = resolveSettings(flags, env);
  assert.equal(resolution.kind, "problems");
  return resolution.problems;
}

const oneProblem: readonly {
  name: string;
  flags?: readonly string[];
  env?: Record<string, string>;
  problem: SettingsProblem;
}[] = [
  {
    name: "an unknown flag",
    flags: ["--rol-arn=x"],
    problem: { code: "UnknownFlag", message: "unknown flag --rol-arn; did you mean --role-arn?" },
  },
  {
    name: "a flag of one letter",
    flags: ["-x"],
    problem: { code: "UnknownFlag", message: "unknown flag -x…; flags begin with two dashes" },
  },
  {
    name: "a flag with one dash, whose value may be a secret",
    flags: ["-auth-token=canary-5f1e"],
    problem: { code: "UnknownFlag", message: "unknown flag -a…; flags begin with two dashes" },
  },
  {
    name: "a flag in the variable's spelling",
    flags: ["--ROLE_ARN=x"],
    problem: { code: "UnknownFlag", message: "unknown flag --ROLE_ARN; did you mean --role-arn?" },
  },
  {
    name: "a flag negated",
    flags: ["--no-padding"],
    problem: { code: "UnknownFlag", message: "unknown flag --no-padding; did you mean --padding?" },
  },
  {
    name: "a flag that every object has",
    flags: ["--constructor=x"],
    problem: { code: "UnknownFlag", message: "unknown flag --constructor; --help lists the flags" },
  },
  {
    name: "a flag that is a prototype",
    flags: ["--__proto__=x"],
    problem: { code: "UnknownFlag", message: "unknown flag --__proto__; --help lists the flags" },
  },
  {
    name: "a flag without its value",
    flags: ["--role-arn"],
    problem: { code: "MissingValue", message: "flag --role-arn needs a value" },
  },
  {
    name: "a flag with an empty value",
    flags: ["--padding="],
    problem: { code: "MissingValue", message: "flag --padding needs a value" },
  },
  {
    name: "a word too many",
    flags: ["now"],
    problem: { code: "UnexpectedArgument", message: 'unexpected argument "now"' },
  },
  {
    name: "a word too many after a flag",
    flags: ["--padding=off", "now"],
    problem: { code: "UnexpectedArgument", message: "unexpected argument after --padding" },
  },
  {
    name: "a word behind two dashes",
    flags: ["--", "now"],
    problem: { code: "UnexpectedArgument", message: 'unexpected argument "now"' },
  },
  {
    name: "an unknown variable",
    env: { SIDECAR_ROLE: "x" },
    problem: { code: "UnknownVariable", message: "unknown variable SIDECAR_ROLE; --help lists the variables" },
  },
  {
    name: "a variable in the flag's spelling",
    env: { "SIDECAR_role-arn": "x" },
    problem: { code: "UnknownVariable", message: "unknown variable SIDECAR_role-arn; did you mean SIDECAR_ROLE_ARN?" },
  },
];

for (const { name, flags = [], env = {}, problem } of oneProblem) {
  test(`tells of ${name}`, () => {
    assert.deepEqual(problemsOf(flags, env), [problem]);
  });
}

test("takes nothing from variables that are not its own", () => {
  const env = { PATH: "/bin", SIDECARS: "x", MY_SIDECAR_PADDING: "off", sidecar_padding: "off", AWS_PROFILE: "app" };
  const { settings, sources } = resolved([], env);
  const { settings: defaults, sources: defaultSources } = resolved();
  assert.deepEqual({ settings, sources }, { settings: defaults, sources: defaultSources });
});

const serviceLinks = [
  "SIDECAR_SERVICE_HOST",
  "SIDECAR_SERVICE_PORT",
  "SIDECAR_SERVICE_PORT_HTTP",
  "SIDECAR_SERVICE_PORT_HTTP_ADMIN",
  "SIDECAR_PORT",
  "SIDECAR_PORT_9911_TCP",
  "SIDECAR_PORT_9911_TCP_PROTO",
  "SIDECAR_PORT_9911_TCP_PORT",
  "SIDECAR_PORT_9911_TCP_ADDR",
  "SIDECAR_PORT_53_UDP_ADDR",
  "SIDECAR_PORT_53_SCTP",
  "SIDECAR_CREDENTIALS_SERVICE_HOST",
  "SIDECAR_CREDENTIALS_PORT_80_TCP",
];

for (const name of serviceLinks) {
  test(`leaves ${name} to Kubernetes, which sets it for a Service of such a name`, () => {
    assert.deepEqual(resolved([], { [name]: "tcp://10.0.0.1:9911" }), resolved());
  });
}

const notServiceLinks = [
  "SIDECAR_SERVICE",
  "SIDECAR_HOST",
  "SIDECAR_PORTS",
  "SIDECAR_PORT_TCP",
  "SIDECAR_PORT_80_HTTP",
];

for (const name of notServiceLinks) {
  test(`does not take ${name} for one of Kubernetes' variables`, () => {
    assert.deepEqual(
      problemsOf([], { [name]: "x" }).map(({ code }) => code),
      ["UnknownVariable"],
    );
  });
}

test("tells all problems at once", () => {
  const flags = ["now", "--rol-arn=x", "--duration=1m", "--role-session-name"];
  const env = { SIDECAR_IMDS: "v3", SIDECAR_B: "x", SIDECAR_A: "x", SIDECAR_PADDING: "" };
  assert.deepEqual(
    problemsOf(flags, env).map(({ code, message }) => `${code} ${message}`),
    [
      'UnexpectedArgument unexpected argument "now"',
      "UnknownFlag unknown flag --rol-arn; did you mean --role-arn?",
      "MissingValue flag --role-session-name needs a value",
      "UnknownVariable unknown variable SIDECAR_A; --help lists the variables",
      "UnknownVariable unknown variable SIDECAR_B; --help lists the variables",
      'BadValue --duration: "1m" is not allowed; allowed: 15m to 12h',
      'BadValue SIDECAR_IMDS: "v3" is not allowed; allowed: off, v2, v1',
    ],
  );
});

test("cuts a bad value that is long", () => {
  const [problem] = problemsOf([`--padding=${"x".repeat(100_000)}`]);
  assert.ok((problem?.message.length ?? 0) < 300);
});

const leaks: readonly { name: string; flags?: readonly string[]; env?: Record<string, string> }[] = [
  { name: "a bad one in a flag", flags: [`--auth-token=${CANARY} x`] },
  { name: "a bad one as a word of its own", flags: ["--auth-token", `${CANARY} x`] },
  { name: "a bad one in a variable", env: { SIDECAR_AUTH_TOKEN: `${CANARY}\n` } },
  { name: "one behind a misspelt flag", flags: [`--auth-tokn=${CANARY}`] },
  { name: "one behind a misspelt flag as a word of its own", flags: ["--auth-tokn", CANARY] },
  { name: "one behind a flag that was closed too soon", flags: ["--auth-token=", CANARY] },
  { name: "one that the shell took apart", flags: ["--auth-token", "fake", CANARY] },
  { name: "one in a misspelt variable", env: { SIDECAR_AUTH_TOKN: CANARY } },
];

for (const { name, flags = [], env = {} } of leaks) {
  test(`never shows a token: ${name}`, () => {
    const reported = problemsOf(flags, env).map(({ message }) => message);
    assert.ok(reported.length > 0);
    assert.equal(reported.join("\n").includes(CANARY), false, reported.join("\n"));
  });
}
