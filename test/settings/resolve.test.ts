import assert from "node:assert/strict";
import { test } from "node:test";
import type { SettingsProblem } from "../../src/settings/problems.ts";
import { resolveSettings, showSource } from "../../src/settings/resolve.ts";
import { environmentName, flagName, type SettingName, settingNames, settingOf } from "../../src/settings/table.ts";
import { resolved } from "../support/resolved.ts";

function problemsOf(
  flags: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): readonly SettingsProblem[] {
  const resolution = resolveSettings(flags, env);
  assert.equal(resolution.kind, "problems");
  return resolution.problems;
}

test("is content with nothing at all", () => {
  const { settings, sources } = resolved();
  for (const name of settingNames) {
    const fallback = settingOf(name).default;
    assert.deepEqual(sources[name], { kind: fallback === undefined ? "unset" : "default" });
    assert.equal(settings[name] === undefined, fallback === undefined);
  }
});

test("has the defaults of the contract", () => {
  const { settings } = resolved();
  assert.deepEqual(settings.listen, [{ host: "127.0.0.1", port: 9_911 }]);
  assert.deepEqual(settings["admin-listen"], [{ host: undefined, port: 9_912 }]);
  const { status, upstream, duration, imds, padding } = settings;
  const words = { status, upstream, duration, imds, padding };
  assert.deepEqual(words, { status: "loopback", upstream: "auto", duration: 3_600_000, imds: "v2", padding: "auto" });
  assert.equal(settings["minimum-lifetime"], 1_500_000);
  assert.equal(settings["expiration-margin"], 60_000);
  assert.equal(settings["shutdown-delay"], 0);
  assert.equal(settings["log-level"], "info");
});

const precedence = [
  {
    name: "a flag over its variable",
    flags: ["--padding=off"],
    env: { SIDECAR_PADDING: "auto" },
    value: "off",
    source: "--padding",
  },
  {
    name: "a flag and its value as two words",
    flags: ["--padding", "off"],
    env: {},
    value: "off",
    source: "--padding",
  },
  {
    name: "the last of two flags",
    flags: ["--padding=auto", "--padding=off"],
    env: {},
    value: "off",
    source: "--padding",
  },
  {
    name: "a variable over the default",
    flags: [],
    env: { SIDECAR_PADDING: "off" },
    value: "off",
    source: "SIDECAR_PADDING",
  },
  {
    name: "the default over an empty variable",
    flags: [],
    env: { SIDECAR_PADDING: "" },
    value: "auto",
    source: "default",
  },
  {
    name: "the default without a variable",
    flags: [],
    env: { padding: "off", PADDING: "off" },
    value: "auto",
    source: "default",
  },
];

for (const { name, flags, env, value, source } of precedence) {
  test(`takes ${name}`, () => {
    const { settings, sources } = resolved(flags, env);
    assert.deepEqual([settings.padding, showSource(sources.padding)], [value, source]);
  });
}

test("takes a bad variable for no problem where a flag wins over it", () => {
  assert.equal(resolved(["--padding=off"], { SIDECAR_PADDING: "nonsense" }).settings.padding, "off");
});

/** A good text and a bad one for each setting. */
const texts: Readonly<Record<SettingName, readonly [good: string, bad: string]>> = {
  listen: ["127.0.0.1:1,[::1]:1", "127.0.0.1"],
  peers: ["node", "nobody"],
  "admin-listen": ["off", "on"],
  status: ["anyone", "everyone"],
  upstream: ["web-identity", "vault"],
  "role-arn": ["arn:aws-us-gov:iam::123456789012:role/team/app", "arn:aws:iam::123456789012:user/app"],
  "role-session-name": ["pod.1@ns=x", "a b"],
  "external-id": ["id:/1", "x"],
  "source-identity": ["pod", "x"],
  "session-tags": ["team=payments", "team"],
  "transitive-tag-keys": ["team,service", "team=payments"],
  "session-policy": ["{}", "[]"],
  "session-policy-arns": [
    "arn:aws:iam::aws:policy/ReadOnlyAccess,arn:aws:iam::123456789012:policy/p",
    "ReadOnlyAccess",
  ],
  duration: ["12h", "14m"],
  "sts-fallback-regions": ["eu-central-1,us-gov-west-1", "Frankfurt"],
  profiles: ["app,reports", "app,,reports"],
  "auth-token": ["fake-token", "fake token"],
  "auth-token-file": ["/var/run/secrets/token", "/var/run/\ttoken"],
  "state-file": ["/run/state/private/state.json", "state.json"],
  "state-medium": ["any", "disk"],
  imds: ["v1", "v3"],
  client: ["boto3", "jaws"],
  padding: ["off", "on"],
  "minimum-lifetime": ["1m", "59s"],
  "expiration-margin": ["5m", "9s"],
  "shutdown-delay": ["1h", "61m"],
  audit: ["on", "yes"],
  "log-level": ["error", "debug"],
  "log-format": ["json", "logfmt"],
};

for (const name of settingNames) {
  const [good, bad] = texts[name];
  const { allowed, secret } = settingOf(name);

  test(`takes ${flagName(name)} from flag and variable alike`, () => {
    const byFlag = resolved([`${flagName(name)}=${good}`]);
    const byVariable = resolved([], { [environmentName(name)]: good });
    assert.deepEqual(byFlag.settings, byVariable.settings);
    assert.notDeepEqual(byFlag.settings, resolved().settings);
    assert.deepEqual(byFlag.sources[name], { kind: "flag", name: flagName(name) });
    assert.deepEqual(byVariable.sources[name], { kind: "environment", name: environmentName(name) });
  });

  test(`tells ${secret ? "that" : "what"} ${environmentName(name)} is wrong, and what is allowed`, () => {
    const shown = secret ? "its value" : JSON.stringify(bad);
    const message = (where: string) => `${where}: ${shown} is not allowed; allowed: ${allowed}`;
    assert.deepEqual(problemsOf([`${flagName(name)}=${bad}`]), [
      { code: "BadValue", message: message(flagName(name)) },
    ]);
    assert.deepEqual(problemsOf([], { [environmentName(name)]: bad }), [
      { code: "BadValue", message: message(environmentName(name)) },
    ]);
  });
}

test("names the word that was probably meant", () => {
  const messageOf = (flag: string) => problemsOf([flag])[0]?.message;
  assert.match(messageOf("--upstream=webidentity") ?? "", /; allowed: auto, .+, demo; did you mean web-identity\?$/);
  assert.equal(messageOf("--client=botocore1"), '--client: "botocore1" is not allowed; did you mean botocore-1?');
  assert.doesNotMatch(messageOf("--imds=v3") ?? "", /did you mean/);
});

/** Values just inside and just outside of what a setting allows. */
const edges: readonly (readonly [flag: string, ok: boolean])[] = [
  ["--duration=15m", true],
  ["--duration=899s", false],
  ["--duration=12h1s", false],
  ["--minimum-lifetime=6h", true],
  ["--minimum-lifetime=6h1s", false],
  ["--expiration-margin=10s", true],
  ["--expiration-margin=9999ms", false],
  ["--expiration-margin=5m1s", false],
  ["--shutdown-delay=0s", true],
  [`--role-session-name=${"x".repeat(64)}`, true],
  [`--role-session-name=${"x".repeat(65)}`, false],
  ["--role-session-name=x", false],
  [`--external-id=${"x".repeat(1_224)}`, true],
  [`--external-id=${"x".repeat(1_225)}`, false],
  [`--auth-token=${"x".repeat(4_096)}`, true],
  [`--auth-token=${"x".repeat(4_097)}`, false],
  [`--profiles=${Array.from({ length: 32 }, (_, index) => `p${index}`).join(",")}`, true],
  [`--profiles=${Array.from({ length: 33 }, (_, index) => `p${index}`).join(",")}`, false],
  [`--listen=${"127.0.0.1:1,".repeat(7)}127.0.0.1:1`, true],
  [`--listen=${"127.0.0.1:1,".repeat(8)}127.0.0.1:1`, false],
  ["--listen=off", false],
  ["--role-arn=arn:aws:iam::12345678901:role/app", false],
  ["--profiles=a/b", false],
];

for (const [flag, ok] of edges) {
  test(`${ok ? "allows" : "refuses"} ${flag.slice(0, 60)}`, () => {
    assert.equal(resolveSettings([flag], {}).kind, ok ? "ok" : "problems");
  });
}
