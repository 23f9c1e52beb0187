/** What an identity's upstream is asked for, as a digest: credentials of another answer to that question are another's. */
import { createHash } from "node:crypto";
import type { Edge } from "../edge.ts";
import { type AwsVariables, readAwsVariables } from "../settings/aws-variables.ts";
import type { Settings } from "../settings/table.ts";
import { wholeSeconds } from "../time.ts";
import { namedProfile, type SdkKind, type SetUp } from "./resolve.ts";
import { assumeRoleExtras, sessionOf } from "./session.ts";

export interface AskedForInput extends SetUp {
  readonly kind: SdkKind;
  readonly profile: string | undefined;
  readonly settings: Settings;
  readonly edge: Edge;
}

/** They say how upstream is reached, not who is asked for what; and they may hold passwords, which a digest would betray. */
const WAYS: readonly (keyof AwsVariables)[] = ["httpsProxy", "httpProxy", "allProxy", "noProxy", "caBundle"];

/**
 * A digest over everything that decides whose credentials an answer holds and what they may do: the resolved plan with its
 * roles and keys, the profile with its endpoints, the session's policy, tags and duration, the AWS variables, and the pod,
 * because another one may mount the same volume. It changes rather too often than too rarely.
 */
export function askedFor({ kind, profile, settings, edge, files, resolved }: AskedForInput): string {
  const section = files.profiles.get(namedProfile(profile, edge.env) ?? "default");
  const variables = Object.entries(readAwsVariables(edge.env)).filter(([key]) => !WAYS.some((way) => way === key));
  return digestOf([
    kind,
    profile,
    edge.hostname,
    settings["role-arn"],
    sessionOf(settings, edge, wholeSeconds(settings.duration)),
    assumeRoleExtras(settings),
    resolved,
    section,
    files.services,
    variables,
  ]);
}

/** SHA-256 over a canonical text: maps and objects by their entries, and what is undefined as null. */
export function digestOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(canonical(value)))
    .digest("base64url");
}

function canonical(value: unknown): unknown {
  if (value instanceof Map) return canonical([...value]);
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value === "object" && value !== null) return Object.entries(value).map(canonical);
  return value;
}
