/** How a profile gives credentials, decided before anything is asked. Pure; the rules are botocore's. */
import type { ProvidedCredentials } from "../credentials.ts";
import { type Subject, UpstreamFailure } from "./failure.ts";
import { type Section, textOf, wholeTextOf } from "./ini.ts";
import type { SharedFiles } from "./shared-files.ts";
import { type LoginPlan, loginPlan, type SsoPlan, ssoPlan } from "./sso-plan.ts";

export type Plan =
  | { readonly kind: "keys"; readonly answer: ProvidedCredentials }
  | ProcessPlan
  | SsoPlan
  | LoginPlan
  | WebIdentityPlan
  | AssumeRolePlan
  | { readonly kind: "environment" | "container" | "imds" };

export interface ProcessPlan {
  readonly kind: "process";
  readonly profile: string;
  readonly command: string;
  readonly accountId: string | undefined;
}

export interface WebIdentityPlan {
  readonly kind: "web-identity";
  readonly roleArn: string;
  readonly tokenFile: string;
  /** What names the file, for messages. */
  readonly what: string;
  readonly sessionName: string | undefined;
}

export interface AssumeRolePlan {
  readonly kind: "assume-role";
  readonly roleArn: string;
  readonly sessionName: string | undefined;
  readonly externalId: string | undefined;
  readonly durationSeconds: number | undefined;
  readonly source: Plan;
}

const SOURCES: Readonly<Record<string, Plan>> = {
  Environment: { kind: "environment" },
  EcsContainer: { kind: "container" },
  Ec2InstanceMetadata: { kind: "imds" },
};

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

export function fault(message: string, subject: Subject = {}): UpstreamFailure {
  return new UpstreamFailure("not-configured", message, { subject });
}

/**
 * The plan of profile `name`; undefined when the profile says nothing of credentials. Throws an `UpstreamFailure`
 * (`not-configured`) when it is not there, or is set up wrongly.
 */
export function planOf(name: string, files: SharedFiles): Plan | undefined {
  if (!files.profiles.has(name)) throw fault(`the profile ${quoted(name)} is not in ${files.where}`, { profile: name });
  return new Planner(files).plan(name, []);
}

/** The `credential_process` of profile `name`, whatever else the profile says. */
export function processPlanOf(name: string, files: SharedFiles): ProcessPlan {
  const profile = files.profiles.get(name);
  if (profile === undefined) throw fault(`the profile ${quoted(name)} is not in ${files.where}`, { profile: name });
  const plan = processPlan(name, profile);
  if (plan === undefined)
    throw fault(`the profile ${quoted(name)} has no credential_process`, {
      profile: name,
      setting: "credential_process",
    });
  return plan;
}

/** The SSO or login settings of profile `name`, whatever else the profile says. */
export function ssoPlanOf(name: string, files: SharedFiles): SsoPlan | LoginPlan {
  const profile = files.profiles.get(name);
  if (profile === undefined) throw fault(`the profile ${quoted(name)} is not in ${files.where}`, { profile: name });
  const plan = ssoPlan(name, profile, files) ?? loginPlan(name, profile);
  if (plan === undefined)
    throw fault(`the profile ${quoted(name)} has no sso_account_id and sso_role_name`, { profile: name });
  return plan;
}

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
    throw fault(`the profile ${quoted(name)} has ${fragment}, but not ${missing}`, {
      profile: name,
      setting: fragment,
    });
  }

  #assumeRole(name: string, profile: Section, visited: readonly string[]): AssumeRolePlan {
    const roleArn = textOf(profile, "role_arn");
    if (!roleArn)
      throw fault(`the profile ${quoted(name)} has an empty role_arn`, { profile: name, setting: "role_arn" });
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
      throw fault(
        `the profile ${quoted(name)} has both source_profile and credential_source; a role needs one of them`,
        { profile: name, setting: "source_profile" },
      );
    }
    if (credentialSource !== undefined) return sourcePlan(name, credentialSource);
    if (sourceProfile === undefined) {
      throw fault(`the profile ${quoted(name)} has role_arn, but neither source_profile nor credential_source`, {
        profile: name,
        setting: "source_profile",
      });
    }
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

/** A reference to another section, whose name may hold ` #`: whole where it names one, and otherwise without a comment. */
export function referenceOf(profile: Section, key: string, named: ReadonlyMap<string, unknown>): string | undefined {
  const whole = wholeTextOf(profile, key);
  return (whole !== undefined && named.has(whole) ? whole : textOf(profile, key)) || undefined;
}

function sourcePlan(name: string, source: string): Plan {
  const plan = Object.hasOwn(SOURCES, source) ? SOURCES[source] : undefined;
  if (plan !== undefined) return plan;
  throw fault(`credential_source of the profile ${quoted(name)} is not one of ${Object.keys(SOURCES).join(", ")}`, {
    profile: name,
    setting: "credential_source",
  });
}

function webIdentityPlan(name: string, profile: Section): WebIdentityPlan | undefined {
  const tokenFile = wholeTextOf(profile, "web_identity_token_file");
  if (tokenFile === undefined) return undefined;
  const roleArn = textOf(profile, "role_arn");
  if (!tokenFile)
    throw fault(`the profile ${quoted(name)} has an empty web_identity_token_file`, {
      profile: name,
      setting: "web_identity_token_file",
    });
  if (!roleArn)
    throw fault(`the profile ${quoted(name)} has web_identity_token_file, but no role_arn`, {
      profile: name,
      setting: "web_identity_token_file",
    });
  const sessionName = textOf(profile, "role_session_name") || undefined;
  return {
    kind: "web-identity",
    roleArn,
    tokenFile,
    what: `web_identity_token_file of the profile ${quoted(name)}`,
    sessionName,
  };
}

function processPlan(profile: string, section: Section): ProcessPlan | undefined {
  const command = wholeTextOf(section, "credential_process");
  if (command === undefined) return undefined;
  if (command === "")
    throw fault(`the profile ${quoted(profile)} has an empty credential_process`, {
      profile,
      setting: "credential_process",
    });
  return { kind: "process", profile, command, accountId: textOf(section, "aws_account_id") };
}

function hasKeys(profile: Section | undefined): boolean {
  return profile !== undefined && (profile.has("aws_access_key_id") || profile.has("aws_secret_access_key"));
}

/** `section` is of one file: an ID, a secret and a token of two files would be of two identities. */
function keysPlan(name: string, section: Section | undefined, profile: Section): Plan | undefined {
  if (!hasKeys(section)) return undefined;
  const accessKeyId = textOf(section, "aws_access_key_id");
  const secretAccessKey = textOf(section, "aws_secret_access_key");
  if (!accessKeyId || !secretAccessKey) {
    const [has, lacks] = accessKeyId
      ? ["aws_access_key_id", "aws_secret_access_key"]
      : ["aws_secret_access_key", "aws_access_key_id"];
    throw fault(`the profile ${quoted(name)} has ${has}, but no ${lacks}`, { profile: name, setting: lacks });
  }
  const sessionToken = textOf(section, "aws_session_token") ?? textOf(section, "aws_security_token");
  return {
    kind: "keys",
    answer: { accessKeyId, secretAccessKey, sessionToken, accountId: textOf(profile, "aws_account_id") },
  };
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

export function quoted(name: string): string {
  return JSON.stringify(name);
}
