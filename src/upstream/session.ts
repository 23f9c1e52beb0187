/** The parameters of a session, as STS names them. Pure. */
import type { Edge } from "../edge.ts";
import type { Settings } from "../settings/table.ts";

export interface Session {
  readonly RoleSessionName: string;
  readonly DurationSeconds: number;
  readonly Policy?: string;
  readonly PolicyArns?: { arn: string }[];
}

/** What AssumeRole takes beyond the session. */
export interface AssumeRoleExtras {
  readonly ExternalId?: string;
  readonly SourceIdentity?: string;
  readonly Tags?: { Key: string; Value: string }[];
  readonly TransitiveTagKeys?: string[];
}

/** The session asked for. */
export function sessionOf(settings: Settings, edge: Edge, durationSeconds: number): Session {
  const { "session-policy": Policy, "session-policy-arns": arns } = settings;
  return {
    RoleSessionName: sessionName(settings, edge),
    DurationSeconds: durationSeconds,
    ...(Policy !== undefined && { Policy }),
    ...(arns !== undefined && { PolicyArns: arns.map((arn) => ({ arn })) }),
  };
}

export function assumeRoleExtras(settings: Settings): AssumeRoleExtras {
  const { "external-id": ExternalId, "source-identity": SourceIdentity, "session-tags": tags } = settings;
  const keys = settings["transitive-tag-keys"];
  return {
    ...(ExternalId !== undefined && { ExternalId }),
    ...(SourceIdentity !== undefined && { SourceIdentity }),
    ...(tags !== undefined && { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
    ...(keys !== undefined && { TransitiveTagKeys: [...keys] }),
  };
}

/** The name of every session whose profile does not name it. */
export function sessionName(settings: Settings, { env, hostname }: Edge): string {
  const name = settings["role-session-name"] ?? (env.AWS_ROLE_SESSION_NAME || hostname);
  // STS takes 2–64 of these characters; a host name may have others.
  return name
    .replace(/[^\w+=,.@-]/g, "-")
    .slice(0, 64)
    .padEnd(2, "-");
}
