/** What STS is told about the session, in its own words. Pure. */
import { parseRoleArn } from "../credentials.ts";
import type { Edge } from "../edge.ts";
import type { Settings } from "../settings/table.ts";

export interface Session {
  readonly RoleSessionName: string;
  readonly DurationSeconds: number;
  readonly Policy?: string;
  readonly PolicyArns?: { arn: string }[];
}

/** The session asked for; `durationS` in seconds. */
export function sessionOf(settings: Settings, edge: Edge, durationS: number): Session {
  const { "session-policy": Policy, "session-policy-arns": arns } = settings;
  return {
    RoleSessionName: sessionName(settings, edge),
    DurationSeconds: durationS,
    ...(Policy === undefined ? {} : { Policy }),
    ...(arns === undefined ? {} : { PolicyArns: arns.map((arn) => ({ arn })) }),
  };
}

/** What AssumeRole takes beyond the session. */
export function assumeRoleExtras(settings: Settings) {
  const { "external-id": ExternalId, "source-identity": SourceIdentity, "session-tags": tags } = settings;
  return {
    ...(ExternalId === undefined ? {} : { ExternalId }),
    ...(SourceIdentity === undefined ? {} : { SourceIdentity }),
    ...(tags === undefined ? {} : { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
  };
}

function sessionName(settings: Settings, { env, hostname }: Edge): string {
  const name = settings["role-session-name"] ?? (env.AWS_ROLE_SESSION_NAME || hostname);
  // STS takes 2–64 of these characters; a host name may have others.
  return name
    .replace(/[^\w+=,.@-]/g, "-")
    .slice(0, 64)
    .padEnd(2, "-");
}

const PARTITION_REGIONS: Readonly<Record<string, string>> = {
  "aws-cn": "cn-north-1",
  "aws-us-gov": "us-gov-west-1",
  "aws-eusc": "eusc-de-east-1",
  "aws-iso": "us-iso-east-1",
  "aws-iso-b": "us-isob-east-1",
  "aws-iso-e": "eu-isoe-west-1",
  "aws-iso-f": "us-isof-south-1",
};

/**
 * The region of STS where the JavaScript SDK would not find it: it does not read `AWS_DEFAULT_REGION`, takes an empty
 * `AWS_REGION` for a region, and without one asks us-east-1, which knows no role of another partition. Undefined
 * leaves it to the SDK.
 */
export function stsRegion(settings: Settings, { env }: Edge): string | undefined {
  if (env.AWS_REGION) return undefined;
  if (env.AWS_DEFAULT_REGION) return env.AWS_DEFAULT_REGION;
  const partition = parseRoleArn(settings["role-arn"] ?? env.AWS_ROLE_ARN)?.partition;
  return PARTITION_REGIONS[partition ?? ""] ?? (env.AWS_REGION === "" ? "us-east-1" : undefined);
}
