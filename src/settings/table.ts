/** The one table of settings: it feeds parsing, `--help`, the README and the log line at start. */
import { declarableNames } from "../policy/clients.ts";
import { MAX_FALLBACKS } from "../policy/region-failover.ts";
import { HOUR, MINUTE } from "../time.ts";
import { type AnySetting, type Defaulted, defaulted, optional, type Setting } from "./setting.ts";
import { upstreamKinds } from "./upstream-kinds.ts";
import {
  clientKind,
  durationBetween,
  listenAddress,
  listOf,
  matching,
  oneOf,
  orOff,
  policyDocument,
  sessionTags,
  tagKey,
} from "./values.ts";

/** The levels that the sidecar's messages have. */
const logLevels = ["info", "warn", "error"] as const;

const list = (names: readonly string[]): string => names.join(", ");

/** Rows in the order in which help and README show them. */
export const table = {
  listen: defaulted({
    kind: listOf(listenAddress, 8),
    default: "127.0.0.1:9911",
    meaning: "Where credentials are served. An address that is neither loopback nor link-local needs an auth token.",
    allowed: "address:port such as 127.0.0.1:9911, comma-separated, IPv6 in brackets",
  }),
  peers: defaulted({
    kind: oneOf(["pod", "node"]),
    default: "pod",
    meaning:
      "Who is served on a link-local address: the processes of this pod, or all pods of the node, for a DaemonSet in the " +
      "node's network. `node` needs an auth token.",
    allowed: "pod, node",
  }),
  "admin-listen": defaulted({
    kind: orOff(listOf(listenAddress, 8)),
    default: ":9912",
    meaning: "Where health and metrics are served, for the kubelet and Prometheus. Never a secret on it.",
    allowed: "address:port such as 127.0.0.1:9912, comma-separated, IPv6 in brackets, or off",
  }),
  status: defaulted({
    kind: oneOf(["loopback", "anyone", "off"]),
    default: "loopback",
    meaning:
      "Who may read `/`, `/status` and `?verbose` on the admin listener. `kubectl port-forward` comes from loopback.",
    allowed: "loopback, anyone, off",
  }),
  upstream: defaulted({
    kind: oneOf(upstreamKinds),
    default: "auto",
    meaning: "Where credentials come from. `auto` is the default chain of the AWS SDKs.",
    allowed: list(upstreamKinds),
  }),
  "role-arn": optional({
    kind: matching(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/),
    meaning:
      "Assume this role with what upstream gives (chaining). With `web-identity`: the role to assume with the token.",
    allowed: "the ARN of an IAM role, such as arn:aws:iam::123456789012:role/orders",
  }),
  "role-session-name": optional({
    kind: matching(/^[\w+=,.@-]{2,64}$/),
    meaning:
      "Session name for STS; else `AWS_ROLE_SESSION_NAME`, else the host name, which in Kubernetes is the pod's.",
    allowed: "2–64 letters, digits and _+=,.@-",
  }),
  "external-id": optional({
    kind: matching(/^[\w+=,.@:/-]{2,1224}$/),
    meaning: "External ID for AssumeRole.",
    allowed: "2–1224 letters, digits and _+=,.@:/-",
  }),
  "source-identity": optional({
    kind: matching(/^[\w+=,.@-]{2,64}$/),
    meaning: "Source identity for AssumeRole, which CloudTrail keeps through role chains.",
    allowed: "2–64 letters, digits and _+=,.@-",
  }),
  "session-tags": optional({
    kind: sessionTags,
    meaning: "Session tags for AssumeRole.",
    allowed: "key=value such as team=payments, comma-separated, at most 50",
  }),
  "transitive-tag-keys": optional({
    kind: listOf(tagKey, 50),
    meaning: "Session tags that pass on to roles that are assumed with the session.",
    allowed: "keys of SIDECAR_SESSION_TAGS, comma-separated",
  }),
  "session-policy": optional({
    kind: policyDocument,
    meaning: "Session policy for STS: what the role may do, cut down to this.",
    allowed: `a JSON object of at most 2048 characters, such as {"Version":"2012-10-17","Statement":[]}`,
  }),
  "session-policy-arns": optional({
    kind: listOf(matching(/^arn:aws[a-z-]*:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/), 10),
    meaning: "Managed policies to use as session policies.",
    allowed: "ARNs of IAM policies such as arn:aws:iam::aws:policy/ReadOnlyAccess, comma-separated, at most 10",
  }),
  duration: defaulted({
    kind: durationBetween(15 * MINUTE, 12 * HOUR),
    default: "1h",
    meaning: "Session duration asked of STS. Steps down to what the role allows, with a warning.",
    allowed: "15m to 12h",
  }),
  "sts-fallback-regions": optional({
    kind: listOf(matching(/^[a-z]{2,8}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/), MAX_FALLBACKS),
    meaning:
      "Regions to ask for sessions when STS does not answer in the first (`AWS_REGION`), of the same partition. Off by default.",
    allowed: "names of regions, comma-separated, at most 2",
  }),
  profiles: optional({
    kind: listOf(matching(/^[\w.@+-]{1,64}$/), 32),
    meaning: "AWS profiles to serve as named identities; the first is also `default`.",
    allowed: "profile names of letters, digits and _.@+-, comma-separated, at most 32",
  }),
  "auth-token": optional({
    kind: matching(/^[\x21-\x7e]{1,4096}$/),
    meaning: "Token that clients must send in `Authorization`.",
    allowed: "1–4096 visible ASCII characters",
    secret: true,
  }),
  "auth-token-file": optional({
    kind: matching(/^[\x20-\x7e]+$/),
    meaning:
      "A file with that token, or a directory with one file per identity, whose token opens that identity only. " +
      "Read again when it changes; the old token is honoured for 10 min.",
    allowed: "the path of a file or directory",
  }),
  imds: defaulted({
    kind: oneOf(["off", "v2", "v1"]),
    default: "v2",
    meaning:
      "IMDS protocol; `v1` also answers without a session token. With an auth token the default is `off`: IMDS has none.",
    allowed: "off, v2, v1",
  }),
  "state-file": optional({
    kind: matching(/^\/[\x20-\x7e]*[^/]$/),
    meaning:
      "Keep the cached credentials in this file, on a volume that is memory: a restart of the sidecar then loses nothing. " +
      "Its directory is created, for this user alone.",
    allowed: "the absolute path of a file",
  }),
  "state-medium": defaulted({
    kind: oneOf(["memory", "any"]),
    default: "memory",
    meaning: "Where the state file may be: `any` also allows a disk, which keeps what is written to it.",
    allowed: "memory, any",
  }),
  client: optional({
    kind: clientKind,
    meaning: "The client in this pod, when its requests do not say (`botocore-1`). Its reads may then be padded.",
    allowed: list(declarableNames),
  }),
  padding: defaulted({
    kind: oneOf(["auto", "off"]),
    default: "auto",
    meaning:
      "Padding: report a later expiration to a client that would storm otherwise and that is known to read again in time.",
    allowed: "auto, off",
  }),
  "minimum-lifetime": defaulted({
    kind: durationBetween(MINUTE, 6 * HOUR),
    default: "25m",
    meaning: "Minimum lifetime: the real lifetime that every answer should still have.",
    allowed: "1m to 6h",
  }),
  "expiration-margin": defaulted({
    kind: durationBetween(10_000, 5 * MINUTE),
    default: "60s",
    meaning: "Margin: how much earlier than the real expiration the honest reported expiration is.",
    allowed: "10s to 5m",
  }),
  "shutdown-delay": defaulted({
    kind: durationBetween(0, HOUR),
    default: "0s",
    meaning: "Keep serving this long after SIGTERM, for a sidecar that is an ordinary container.",
    allowed: "0s to 1h",
  }),
  audit: defaulted({
    kind: oneOf(["off", "on"]),
    default: "off",
    meaning:
      "Audit trail: a log line for each read that got credentials, with client, path, the token's name, role, access " +
      "key ID and reported lifetime. Never a secret.",
    allowed: "off, on",
  }),
  "log-level": defaulted({
    kind: oneOf(logLevels),
    default: "info",
    meaning: "The least severe messages that are logged.",
    allowed: list(logLevels),
  }),
  "log-format": defaulted({
    kind: oneOf(["auto", "json", "text"]),
    default: "auto",
    meaning: "JSON lines for programs, or text in colour and local time for people. `auto`: text on a terminal.",
    allowed: "auto, json, text",
  }),
};

export type SettingName = keyof typeof table;
export const settingNames = Object.keys(table) as readonly SettingName[];

type ValueOf<Name extends SettingName> = (typeof table)[Name] extends Setting<infer T> ? T : never;
type DefaultedName = { [Name in SettingName]: (typeof table)[Name] extends Defaulted ? Name : never }[SettingName];

/** The value of every setting; those without a default may be undefined. */
export type Settings = {
  readonly [Name in SettingName]: Name extends DefaultedName ? ValueOf<Name> : ValueOf<Name> | undefined;
};

export const environmentName = (name: SettingName): string => `SIDECAR_${name.toUpperCase().replaceAll("-", "_")}`;
export const flagName = (name: SettingName): string => `--${name}`;

export const settingOf = (name: SettingName): AnySetting => table[name] as AnySetting;

/** A value as a user would write it; a secret only as `set`. */
export function showSetting(name: SettingName, value: unknown): string {
  if (value === undefined) return "unset";
  const { kind, secret } = settingOf(name);
  return secret ? "set" : kind.show(value);
}
