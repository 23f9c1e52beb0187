/** Contradictions between an upstream, the role to assume and the profiles to serve. Pure. */
import type { AwsVariables } from "./aws-variables.ts";
import { named, quoted, type SettingsProblem } from "./problems.ts";
import { type SettingName, type Settings, settingOf } from "./table.ts";
import type { UpstreamKind } from "./upstream-kinds.ts";

/** The settings that only AssumeRole understands. */
const assumeRoleOnly: readonly SettingName[] = [
  "external-id",
  "source-identity",
  "session-tags",
  "transitive-tag-keys",
];
/** The settings that any STS call for a role understands. */
const anyRole: readonly SettingName[] = ["session-policy", "session-policy-arns"];

/** An upstream without the role or the variable that it needs, and a role that it cannot assume. */
export function missingRole({ upstream, "role-arn": roleArn }: Settings, aws: AwsVariables): readonly string[] {
  const webIdentity = upstream === "web-identity";
  const problems: string[] = [];
  if (upstream === "assume-role" && roleArn === undefined) {
    problems.push(`${named("upstream")}: assume-role needs ${named("role-arn")}`);
  }
  if (webIdentity && roleArn === undefined && aws.roleArn === undefined) {
    problems.push(`${named("upstream")}: web-identity needs AWS_ROLE_ARN or ${named("role-arn")}`);
  }
  if (webIdentity && aws.webIdentityTokenFile === undefined) {
    problems.push(`${named("upstream")}: web-identity needs AWS_WEB_IDENTITY_TOKEN_FILE`);
  }
  if (upstream === "demo" && roleArn !== undefined) {
    problems.push(
      `${named("role-arn")}: the demo upstream issues made-up credentials, which no role can be assumed with`,
    );
  }
  return problems;
}

/** Settings for a call to STS that this upstream does not make. */
export function settingsWithoutRole(settings: Settings): readonly string[] {
  const without = (names: readonly SettingName[], need: string) =>
    names.filter((name) => settings[name] !== undefined).map((name) => `${named(name)} has no effect without ${need}`);
  if (settings.upstream === "web-identity") {
    return without(assumeRoleOnly, "an upstream that assumes a role; web-identity does not take it");
  }
  return settings["role-arn"] === undefined ? without([...assumeRoleOnly, ...anyRole], named("role-arn")) : [];
}

/** A transitive tag key must be the key of a session tag. */
export function tagConflicts({
  "session-tags": tags = {},
  "transitive-tag-keys": keys = [],
}: Settings): readonly string[] {
  const unknown = keys.filter((key) => !Object.hasOwn(tags, key));
  return unknown.map(
    (key) => `${named("transitive-tag-keys")}: ${key} is not one of the keys in ${named("session-tags")}`,
  );
}

/** Profiles that the upstream does not read, that are named twice, or that take the name of the default identity. */
export function profileConflicts({ profiles, upstream }: Settings): readonly string[] {
  if (profiles === undefined) return [];
  const problems: string[] = [];
  if (upstream !== "auto" && upstream !== "profile" && upstream !== "sso" && upstream !== "process") {
    problems.push(`${named("profiles")} goes with the upstreams auto, profile, sso and process, not with ${upstream}`);
  }
  if (new Set(profiles).size < profiles.length) problems.push(`${named("profiles")} names a profile twice`);
  const misplaced = profiles.indexOf("default");
  if (misplaced > 0) {
    problems.push(
      `${named("profiles")}: the first profile is served as default, so a profile called default must be first`,
    );
  }
  return problems;
}

/** A role's ARN in the variable is checked like one in the setting, where the upstream may assume that role. */
export function badRoleArn({ upstream }: Settings, { roleArn }: AwsVariables): readonly SettingsProblem[] {
  const readers: readonly UpstreamKind[] = ["auto", "assume-role", "web-identity"];
  if (roleArn === undefined || !readers.includes(upstream)) return [];
  const { kind, allowed } = settingOf("role-arn");
  if (kind.read(roleArn.value).kind === "ok") return [];
  return [
    { code: "BadValue", message: `${roleArn.name}: ${quoted(roleArn.value)} is not allowed; allowed: ${allowed}` },
  ];
}
