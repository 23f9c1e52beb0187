/** How a profile gives credentials, decided before anything is asked. Pure; the rules are botocore's. */
import { type SourcePlan, sourcePlan } from "./credential-source.ts";
import { UpstreamFailure } from "./failure.ts";
import { referenceOf, type Section, textOf } from "./ini.ts";
import {
  hasKeys,
  type KeysPlan,
  keysPlan,
  type ProcessPlan,
  processPlan,
  type WebIdentityPlan,
  webIdentityPlan,
} from "./own-plans.ts";
import { fault, profileFault, quoted } from "./profile-fault.ts";
import type { SharedFiles } from "./shared-files.ts";
import { type LoginPlan, loginPlan, type SsoPlan, ssoPlan } from "./sso-plan.ts";

export type Plan = KeysPlan | ProcessPlan | SsoPlan | LoginPlan | WebIdentityPlan | AssumeRolePlan | SourcePlan;

export interface AssumeRolePlan {
  readonly kind: "assume-role";
  readonly roleArn: string;
  readonly sessionName: string | undefined;
  readonly externalId: string | undefined;
  readonly durationSeconds: number | undefined;
  readonly source: Plan;
}

/** Settings that mean credentials, but give none on their own. */
const FRAGMENTS: Readonly<Record<string, string>> = {
  source_profile: "role_arn",
  credential_source: "role_arn",
  sso_session: "sso_account_id and sso_role_name",
  sso_start_url: "sso_account_id and sso_role_name",
  sso_region: "sso_account_id and sso_role_name",
  aws_session_token: "aws_access_key_id",
  aws_security_token: "aws_access_key_id",
};

/**
 * The plan of profile `name`; undefined when the profile says nothing of credentials. Throws an `UpstreamFailure`
 * (`not-configured`) when it is not there, or is set up wrongly.
 */
export function planOf(name: string, files: SharedFiles): Plan | undefined {
  if (!files.profiles.has(name)) throw profileFault(name, `is not in ${files.where}`);
  return new Planner(files).plan(name, []);
}

/** The `credential_process` of profile `name`, whatever else the profile says. */
export function processPlanOf(name: string, files: SharedFiles): ProcessPlan {
  const profile = profileOf(name, files);
  const plan = processPlan(name, profile);
  if (plan === undefined) throw profileFault(name, "has no credential_process", "credential_process");
  return plan;
}

/** The SSO or login settings of profile `name`, whatever else the profile says. */
export function ssoPlanOf(name: string, files: SharedFiles): SsoPlan | LoginPlan {
  const profile = profileOf(name, files);
  const plan = ssoPlan(name, profile, files) ?? loginPlan(name, profile);
  if (plan === undefined) throw profileFault(name, "has no sso_account_id and sso_role_name");
  return plan;
}

function profileOf(name: string, files: SharedFiles): Section {
  const profile = files.profiles.get(name);
  if (profile === undefined) throw profileFault(name, `is not in ${files.where}`);
  return profile;
}

/** Follows `source_profile` from profile to profile. */
class Planner {
  readonly #files: SharedFiles;

  constructor(files: SharedFiles) {
    this.#files = files;
  }

  plan(name: string, visited: readonly string[]): Plan | undefined {
    const profile = this.#files.profiles.get(name) ?? new Map();
    const isSource = visited.length > 0;
    const role = profile.has("role_arn") && !profile.has("web_identity_token_file");
    // A source's own keys come before its role, so that a profile may be its own source.
    if (role && !(isSource && hasKeys(profile))) return this.#assumeRole(name, profile, visited);
    return this.#ownPlan(name, profile) ?? this.#bareSource(name, profile, isSource);
  }

  #ownPlan(name: string, profile: Section): Plan | undefined {
    return (
      webIdentityPlan(name, profile) ??
      ssoPlan(name, profile, this.#files) ??
      keysPlan(name, this.#files.credentials.get(name), profile) ??
      loginPlan(name, profile) ??
      processPlan(name, profile) ??
      keysPlan(name, this.#files.config.get(name), profile)
    );
  }

  /** A `credential_source` without a role is a source for another profile's role, as in the JavaScript SDK. */
  #bareSource(name: string, profile: Section, isSource: boolean): Plan | undefined {
    const source = textOf(profile, "credential_source");
    if (isSource && source !== undefined) return sourcePlan(name, source);
    const [fragment, missing] = Object.entries(FRAGMENTS).find(([key]) => profile.has(key)) ?? [];
    if (fragment === undefined) return undefined;
    throw profileFault(name, `has ${fragment}, but not ${missing}`, fragment);
  }

  #assumeRole(name: string, profile: Section, visited: readonly string[]): AssumeRolePlan {
    const roleArn = textOf(profile, "role_arn");
    if (!roleArn) throw profileFault(name, "has an empty role_arn", "role_arn");
    if (textOf(profile, "mfa_serial")) {
      throw new UpstreamFailure(
        "not-configured",
        `the profile ${quoted(name)} has mfa_serial, and a sidecar cannot ask for an MFA code`,
        {
          subject: { profile: name, setting: "mfa_serial" },
          remedy: `take mfa_serial out of the profile ${quoted(name)}, and let the role's trust policy ask for no MFA`,
        },
      );
    }
    return {
      kind: "assume-role",
      roleArn,
      sessionName: textOf(profile, "role_session_name") || undefined,
      externalId: textOf(profile, "external_id") || undefined,
      durationSeconds: durationOf(name, profile),
      source: this.#source(name, profile, [...visited, name]),
    };
  }

  #source(name: string, profile: Section, visited: readonly string[]): Plan {
    const credentialSource = textOf(profile, "credential_source") || undefined;
    const sourceProfile = referenceOf(profile, "source_profile", this.#files.profiles);
    if (credentialSource !== undefined && sourceProfile !== undefined) {
      throw profileFault(
        name,
        "has both source_profile and credential_source; a role needs one of them",
        "source_profile",
      );
    }
    if (credentialSource !== undefined) return sourcePlan(name, credentialSource);
    if (sourceProfile === undefined) {
      throw profileFault(name, "has role_arn, but neither source_profile nor credential_source", "source_profile");
    }
    return this.#sourceProfile(name, sourceProfile, visited);
  }

  #sourceProfile(name: string, sourceProfile: string, visited: readonly string[]): Plan {
    const source = this.#files.profiles.get(sourceProfile);
    if (source === undefined) {
      throw fault(
        `source_profile ${quoted(sourceProfile)} of the profile ${quoted(name)} is not in ${this.#files.where}`,
        { profile: name, setting: "source_profile" },
      );
    }
    const isOwnSource = sourceProfile === name && hasKeys(source);
    if (visited.includes(sourceProfile) && !isOwnSource) {
      throw fault(`source_profile leads in a circle: ${[...visited, sourceProfile].map(quoted).join(", ")}`, {
        profile: sourceProfile,
        setting: "source_profile",
      });
    }
    const plan = this.plan(sourceProfile, visited);
    if (plan === undefined)
      throw fault(`the source_profile ${quoted(sourceProfile)} has no credentials`, {
        profile: sourceProfile,
        setting: "source_profile",
      });
    return plan;
  }
}

function durationOf(name: string, profile: Section): number | undefined {
  const text = textOf(profile, "duration_seconds");
  if (!text) return undefined;
  if (!/^\d{1,6}$/.test(text))
    throw fault(`duration_seconds of the profile ${quoted(name)} is not a number`, {
      profile: name,
      setting: "duration_seconds",
    });
  return Number(text);
}
