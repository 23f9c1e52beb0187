/** From the settings to a plan, anew for each attempt: files and variables may have changed. */
import type { Edge, Env } from "../edge.ts";
import type { Settings } from "../settings/table.ts";
import type { UpstreamKind } from "../settings/upstream-kinds.ts";
import { type Resolved, resolveChain, webIdentityPlan } from "./chain.ts";
import { type Plan, planOf, processPlanOf, ssoPlanOf } from "./plan.ts";
import { fault, profileFault } from "./profile-fault.ts";
import { readSharedFiles, type SharedFiles } from "./shared-files.ts";

export type SdkKind = Exclude<UpstreamKind, "demo">;

export interface ResolveInput {
  readonly kind: SdkKind;
  /** The profile that the settings name for this identity. */
  readonly profile: string | undefined;
  readonly settings: Settings;
  readonly env: Env;
  readonly files: SharedFiles;
}

/** The profile of an identity: as the settings name it, or as the variables do. */
export function namedProfile(profile: string | undefined, env: ResolveInput["env"]): string | undefined {
  return profile ?? (env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE || undefined);
}

export interface SetUp {
  readonly files: SharedFiles;
  readonly resolved: Resolved;
}

/** The shared files as they are now, and what they and the variables come to. Rejects as {@link resolveUpstream} throws. */
export async function setUpOf(options: Omit<ResolveInput, "env" | "files"> & { readonly edge: Pick<Edge, "env"> }) {
  const { env } = options.edge;
  const files = await readSharedFiles(env);
  return { files, resolved: resolveUpstream({ ...options, env, files }) } satisfies SetUp;
}

/** Throws an `UpstreamFailure` (`not-configured`) that names what is set up wrongly. */
export function resolveUpstream(input: ResolveInput): Resolved {
  const { kind, settings, env, files } = input;
  const named = namedProfile(input.profile, env);
  const profile = named ?? "default";
  switch (kind) {
    case "auto":
    case "assume-role":
      return resolveChain(env, named, files);
    case "web-identity":
      return { ...only(webIdentityPlan(env, settings["role-arn"])), byVariables: true };
    case "profile": {
      const plan = planOf(profile, files);
      if (plan === undefined) throw profileFault(profile, "has no credentials");
      return only(plan);
    }
    case "process":
      return only(processPlanOf(profile, files));
    case "sso":
      return only(ssoPlanOf(profile, files));
    case "environment":
    case "container":
    case "imds":
      return only({ kind });
  }
}

function only(plan: Plan | undefined): Resolved {
  if (plan === undefined) throw fault("AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE are not set");
  return { plan, link: 0, byVariables: false };
}
