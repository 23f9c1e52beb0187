/** Checks settings against each other and against the AWS variables. Pure. */

import { formatDuration } from "../time.ts";
import { isLocalOnly, isLoopback } from "./addresses.ts";
import type { AwsVariables, Variable } from "./aws-variables.ts";
import { type Problem, quoted, type Resolved, type Sources } from "./resolve.ts";
import { environmentName, flagName, type SettingName, type Settings, settingOf, type UpstreamKind } from "./table.ts";
import { formatAddress } from "./values.ts";

/** Something that works, but not as its author may think. Logged at start, shown by `check` and `doctor`. */
export interface Caution {
  readonly code: "MinimumLifetimeOutOfReach" | "TokenInArguments" | "RelativeUriWins";
  readonly message: string;
}

export interface CrossCheck {
  readonly problems: readonly Problem[];
  readonly cautions: readonly Caution[];
}

/** Every contradiction at once. */
export function crossCheck({ settings, sources, aws }: Resolved): CrossCheck {
  const problems = [
    ...exposedWithoutToken(settings),
    ...roleConflicts(settings, aws),
    ...tagConflicts(settings),
    ...profileConflicts(settings),
    ...selfReference(settings, aws),
    ...minimumLifetimeConflict(settings, sources),
    ...imdsWithToken(settings, sources),
  ].map((message): Problem => ({ code: "Conflict", message }));
  problems.push(...badRoleArn(settings, aws), ...badProxies(settings, aws));
  return { problems, cautions: cautions(settings, sources, aws) };
}

const named = (name: SettingName): string => `${environmentName(name)} (${flagName(name)})`;

function hasToken(settings: Settings): boolean {
  return settings["auth-token"] !== undefined || settings["auth-token-file"] !== undefined;
}

function exposedWithoutToken(settings: Settings): readonly string[] {
  if (hasToken(settings)) return [];
  const exposed = settings.listen.filter((address) => !isLocalOnly(address));
  return exposed.map(
    (address) =>
      `${named("listen")}: ${formatAddress(address)} can be reached from outside this pod; ` +
      `allowed: a loopback or link-local address, or set ${named("auth-token-file")} or ${named("auth-token")}`,
  );
}

/** The settings that only AssumeRole understands. */
const assumeRoleOnly: readonly SettingName[] = [
  "external-id",
  "source-identity",
  "session-tags",
  "transitive-tag-keys",
];
/** The settings that any STS call for a role understands. */
const anyRole: readonly SettingName[] = ["session-policy", "session-policy-arns"];

function roleConflicts(settings: Settings, aws: AwsVariables): readonly string[] {
  const { upstream, "role-arn": roleArn } = settings;
  const webIdentity = upstream === "web-identity";
  const without = (names: readonly SettingName[], need: string) =>
    names.filter((name) => settings[name] !== undefined).map((name) => `${named(name)} has no effect without ${need}`);
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
  if (webIdentity)
    problems.push(...without(assumeRoleOnly, "an upstream that assumes a role; web-identity does not take it"));
  else if (roleArn === undefined) problems.push(...without([...assumeRoleOnly, ...anyRole], named("role-arn")));
  return problems;
}

function tagConflicts({ "session-tags": tags = {}, "transitive-tag-keys": keys = [] }: Settings): readonly string[] {
  const unknown = keys.filter((key) => !Object.hasOwn(tags, key));
  return unknown.map(
    (key) => `${named("transitive-tag-keys")}: ${key} is not one of the keys in ${named("session-tags")}`,
  );
}

function profileConflicts({ profiles, upstream }: Settings): readonly string[] {
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

function selfReference(settings: Settings, aws: AwsVariables): readonly string[] {
  return waysBack(settings, aws).map(
    ({ name, address }) =>
      `${name} leads back to this sidecar (${address}); set it on the application's container, not on the sidecar's`,
  );
}

/** The variables by which the SDK inside the sidecar would ask the sidecar, each with the address that it leads to. */
export function waysBack(
  settings: Settings,
  aws: AwsVariables,
): readonly { readonly name: string; readonly address: string }[] {
  return waysOut(settings, aws).flatMap(({ name, uri }) => {
    const address = settings.listen.find((listen) => leadsTo(uri, listen));
    return address === undefined ? [] : [{ name, address: formatAddress(address) }];
  });
}

/** Where the SDK inside the sidecar would ask for credentials, and what sends it there. */
function waysOut(
  { upstream }: Settings,
  aws: AwsVariables,
): readonly { readonly name: string; readonly uri: string }[] {
  const chain = upstream === "auto" || upstream === "assume-role";
  const { containerFullUri: full, containerRelativeUri: relative, imdsEndpoint: endpoint } = aws;
  const ways: { name: string; uri: string }[] = [];
  if (chain || upstream === "container") {
    if (full) ways.push({ name: full.name, uri: full.value });
    if (relative) ways.push({ name: relative.name, uri: `http://169.254.170.2${relative.value}` });
  }
  if (endpoint && (chain || upstream === "imds")) ways.push({ name: endpoint.name, uri: endpoint.value });
  // At the end of a chain that asks elsewhere first, the address of IMDS alone proves nothing.
  if (upstream === "imds" && !endpoint) ways.push({ name: "the address of IMDS", uri: "http://169.254.169.254" });
  return ways;
}

function leadsTo(uri: string, address: Settings["listen"][number]): boolean {
  if (!URL.canParse(uri)) return false;
  const { hostname, port, protocol } = new URL(uri);
  if (protocol !== "http:" || Number(port || 80) !== address.port) return false;
  // URL writes equal addresses equally, so that spellings such as 127.1 and [0::1] do not matter.
  const own = new URL(`http://${formatAddress({ host: address.host ?? "::", port: address.port })}`).hostname;
  return hostname === own || (staysHere(hostname) && staysHere(own));
}

/** Loopback, or every interface: to connect to the unspecified address is to connect to oneself. */
function staysHere(hostname: string): boolean {
  const target = hostname.replace(/^\[|[\].]$/g, "");
  return ["localhost", "0.0.0.0", "::"].includes(target) || isLoopback(target);
}

function minimumLifetimeConflict(settings: Settings, sources: Sources): readonly string[] {
  const { "minimum-lifetime": minimumLifetime, duration } = settings;
  if (!callsSts(settings) || minimumLifetime < duration || sources["minimum-lifetime"].kind === "default") return [];
  return [
    `${named("minimum-lifetime")}: a minimum lifetime of ${formatDuration(minimumLifetime)} is not possible with sessions of ${formatDuration(duration)} (${named("duration")})`,
  ];
}

function callsSts(settings: Settings): boolean {
  return settings["role-arn"] !== undefined || settings.upstream === "web-identity";
}

function imdsWithToken(settings: Settings, sources: Sources): readonly string[] {
  if (!hasToken(settings) || settings.imds === "off" || sources.imds.kind === "default") return [];
  const exposed = settings.listen.some((address) => !isLocalOnly(address));
  if (!exposed) return [];
  return [
    `${named("imds")}: IMDS asks for no auth token, so it is refused on an address that can be reached from outside this pod`,
  ];
}

/** A role's ARN in the variable is checked like one in the setting, where the upstream may assume that role. */
function badRoleArn({ upstream }: Settings, { roleArn }: AwsVariables): readonly Problem[] {
  const readers: readonly UpstreamKind[] = ["auto", "assume-role", "web-identity"];
  if (roleArn === undefined || !readers.includes(upstream)) return [];
  const { kind, allowed } = settingOf("role-arn");
  if (kind.read(roleArn.value).kind === "ok") return [];
  return [
    { code: "BadValue", message: `${roleArn.name}: ${quoted(roleArn.value)} is not allowed; allowed: ${allowed}` },
  ];
}

/** undici throws where the transport is made, at `proxy:3128` too. The value may hold a password and is not shown. */
function badProxies({ upstream }: Settings, aws: AwsVariables): readonly Problem[] {
  if (upstream === "demo") return [];
  const bad = (proxy: Variable | undefined) => (proxy === undefined || isProxy(proxy.value) ? [] : [proxy]);
  return [aws.httpsProxy, aws.httpProxy].flatMap(bad).map(({ name }) => ({
    code: "BadValue",
    message: `${name}: its value is not allowed; allowed: a URL such as http://proxy:3128, with %25 for % in a password`,
  }));
}

function isProxy(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^(?:https?|socks5?):$/.test(url.protocol) && [url.username, url.password].every(isEncoded);
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function cautions(settings: Settings, sources: Sources, aws: AwsVariables): readonly Caution[] {
  const found: Caution[] = [];
  const { "minimum-lifetime": minimumLifetime, duration } = settings;
  if (callsSts(settings) && duration / 2 < minimumLifetime && sources["minimum-lifetime"].kind === "default") {
    found.push({
      code: "MinimumLifetimeOutOfReach",
      message: `sessions of ${formatDuration(duration)} are too short for the minimum lifetime of ${formatDuration(minimumLifetime)}; some clients will read at every request, from memory`,
    });
  }
  if (sources["auth-token"].kind === "flag") {
    found.push({
      code: "TokenInArguments",
      message: "--auth-token can be read in the process list; use SIDECAR_AUTH_TOKEN or a file",
    });
  }
  if (aws.containerFullUri && aws.containerRelativeUri) {
    found.push({
      code: "RelativeUriWins",
      message: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set too, and wins over the full URI as upstream",
    });
  }
  return found;
}

/** The settings as they are in force, for logs and people. */
export function inForce({ settings, sources }: Pick<Resolved, "settings" | "sources">): Settings {
  return { ...settings, imds: effectiveImds(settings, sources) };
}

/** The IMDS protocol in force: with an auth token and no explicit value it is off, because IMDS asks for none. */
export function effectiveImds(settings: Settings, sources: Sources): Settings["imds"] {
  return hasToken(settings) && sources.imds.kind === "default" ? "off" : settings.imds;
}
