/**
 * `auto`: the SDKs' default chain. A provider that is set up, however wrongly, ends the chain: the next one would give
 * another identity, such as the node's role in the place of the application's. Only what is not there is passed over.
 */
import type { Env } from "../edge.ts";
import { isContainerConfigured } from "./container.ts";
import { areKeysConfigured } from "./environment-keys.ts";
import { UpstreamFailure } from "./failure.ts";
import type { WebIdentityPlan } from "./own-plans.ts";
import { type Plan, planOf } from "./plan.ts";
import { fault } from "./profile-fault.ts";
import type { SharedFiles } from "./shared-files.ts";

/** In the order of the JavaScript SDK's chain. */
export const links = [
  "the environment's keys",
  "the profile",
  "web identity",
  "the container endpoint",
  "IMDS",
] as const;

export interface Resolved {
  readonly plan: Plan;
  /** Which of `links` it is. */
  readonly link: number;
  /** Web identity by variables: the session's limits are ours to set. */
  readonly byVariables: boolean;
}

/** Throws an `UpstreamFailure` (`not-configured`) when the first provider that is there is set up wrongly, or none is there. */
export function resolveChain(env: Env, profile: string | undefined, files: SharedFiles): Resolved {
  const plans: readonly (() => Plan | undefined)[] = [
    () => (profile === undefined && areKeysConfigured(env) ? { kind: "environment" } : undefined),
    () => profilePlan(profile, files),
    () => webIdentityPlan(env),
    () => (isContainerConfigured(env) ? { kind: "container" } : undefined),
    () => (isImdsDisabled(env) ? undefined : { kind: "imds" }),
  ];
  for (const [link, find] of plans.entries()) {
    const plan = find();
    if (plan !== undefined) return { plan, link, byVariables: link === links.indexOf("web identity") };
  }
  throw fault("no provider of the default chain is configured");
}

/** It is a fault when the provider that gave credentials is gone: a later one would give another identity. */
export function refuseLaterLink(before: number | undefined, now: number): void {
  if (before === undefined || now <= before) return;
  throw new UpstreamFailure(
    "not-configured",
    `${links[before]} gave credentials before and is gone; ${links[now]} would give those of another identity`,
  );
}

/** Undefined for a `default` that nobody named and that is not there, and for a profile that says nothing of credentials. */
function profilePlan(profile: string | undefined, files: SharedFiles): Plan | undefined {
  if (profile === undefined && !files.profiles.has("default")) return undefined;
  return planOf(profile ?? "default", files);
}

/** `AWS_ROLE_ARN` and `AWS_WEB_IDENTITY_TOKEN_FILE`; undefined when neither is set. */
export function webIdentityPlan(env: Env, role?: string): WebIdentityPlan | undefined {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile } = env;
  const roleArn = role ?? env.AWS_ROLE_ARN;
  if (!tokenFile && !roleArn) return undefined;
  if (!tokenFile)
    throw fault("AWS_ROLE_ARN is set, but AWS_WEB_IDENTITY_TOKEN_FILE is not", {
      variable: "AWS_WEB_IDENTITY_TOKEN_FILE",
    });
  if (!roleArn)
    throw fault("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not", { variable: "AWS_ROLE_ARN" });
  return { kind: "web-identity", roleArn, tokenFile, what: "AWS_WEB_IDENTITY_TOKEN_FILE", sessionName: undefined };
}

/** As the JavaScript SDK reads it: anything but `false` disables. */
function isImdsDisabled(env: Env): boolean {
  return !/^(?:false)?$/i.test(env.AWS_EC2_METADATA_DISABLED ?? "");
}
