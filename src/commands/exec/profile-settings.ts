/** What a profile says that is not about credentials, for a program that has them from a sidecar. Pure. */
import { type Section, textOf } from "../../upstream/ini.ts";

/** The settings by which the SDKs find credentials: each would win over the sidecar, or send the SDK elsewhere. */
const ABOUT_CREDENTIALS =
  /^(?:aws_(?:access|secret|session|security)_|aws_account_id$|role_|source_profile$|credential_|external_id$|mfa_|duration_seconds$|web_identity_|sso_|login_|plugins$)/;

/** Of these alone no credentials come. */
const MEANS_NOTHING_ALONE =
  /^(?:aws_account_id|role_session_name|external_id|mfa_.*|duration_seconds|plugins|sso_region|aws_session_token)$/;

export interface SharedProfiles {
  readonly profiles: ReadonlyMap<string, Section>;
  readonly services: ReadonlyMap<string, Section>;
}

/**
 * A config file in which `name` is the default profile and still known by its name, so that a program that names it gets
 * the sidecar's credentials too. A program that names another one fails: it would get another identity's.
 */
export function configWithoutCredentials({ profiles, services }: SharedProfiles, name: string): string {
  const profile = new Map([...(profiles.get(name) ?? [])].filter(([key]) => !ABOUT_CREDENTIALS.test(key)));
  const headers = name === "default" ? ["default"] : ["default", `profile ${JSON.stringify(name)}`];
  const sections = [
    ...headers.map((header) => [header, profile] as const),
    ...[...services].map(([service, section]) => [`services ${JSON.stringify(service)}`, section] as const),
  ];
  return sections.map(([header, section]) => `[${header}]\n${sectionText(section)}`).join("\n");
}

/** True when an SDK would find credentials, or a way to them, in this profile. */
export function hasCredentials(profile: Section | undefined): boolean {
  return [...(profile?.keys() ?? [])].some((key) => ABOUT_CREDENTIALS.test(key) && !MEANS_NOTHING_ALONE.test(key));
}

/** The region that the profile names. */
export function regionOf({ profiles }: SharedProfiles, name: string): string | undefined {
  return textOf(profiles.get(name), "region") || undefined;
}

function sectionText(section: Section): string {
  return [...section]
    .map(([key, value]) => `${key} =${typeof value === "string" ? ` ${value}` : nested(value)}\n`)
    .join("");
}

function nested(settings: ReadonlyMap<string, string>): string {
  return [...settings].map(([key, value]) => `\n  ${key} = ${value}`).join("");
}
