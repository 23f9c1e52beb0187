/** The SSO and `aws login` settings of a profile. Pure; the rules are botocore's. */
import { type Section, textOf, wholeTextOf } from "./ini.ts";
import { profileFault, quoted } from "./profile-fault.ts";
import type { SharedFiles } from "./shared-files.ts";

export interface SsoPlan {
  readonly kind: "sso";
  readonly profile: string;
  readonly accountId: string;
  readonly roleName: string;
  readonly region: string;
  readonly startUrl: string;
  /** The `sso-session` section; undefined for a profile that names the portal itself. */
  readonly session: string | undefined;
}

export interface LoginPlan {
  readonly kind: "login";
  readonly profile: string;
  readonly session: string;
}

/** Undefined when the profile names neither account nor role, which are what makes it one of SSO. */
export function ssoPlan(profile: string, section: Section, files: SharedFiles): SsoPlan | undefined {
  if (!section.has("sso_account_id") && !section.has("sso_role_name")) return undefined;
  const session = sessionOf(profile, section, files);
  const own = session === undefined ? section : files.ssoSessions.get(session);
  const found = {
    sso_account_id: textOf(section, "sso_account_id"),
    sso_role_name: textOf(section, "sso_role_name"),
    sso_region: textOf(own, "sso_region"),
    sso_start_url: wholeTextOf(own, "sso_start_url"),
  };
  const missing = Object.keys(found).filter((key) => !found[key as keyof typeof found]);
  if (missing.length > 0) {
    const where = session === undefined ? "" : `or its sso-session ${quoted(session)} `;
    throw profileFault(profile, `${where}has no ${missing.join(" and no ")}`, missing.join(" and "));
  }
  const { sso_account_id = "", sso_role_name = "", sso_region = "", sso_start_url = "" } = found;
  return {
    kind: "sso",
    profile,
    accountId: sso_account_id,
    roleName: sso_role_name,
    region: sso_region,
    startUrl: sso_start_url,
    session,
  };
}

export function loginPlan(profile: string, section: Section): LoginPlan | undefined {
  const session = wholeTextOf(section, "login_session");
  return session ? { kind: "login", profile, session } : undefined;
}

function sessionOf(profile: string, section: Section, { ssoSessions }: SharedFiles): string | undefined {
  const whole = wholeTextOf(section, "sso_session");
  if (whole === undefined) return undefined;
  const name = ssoSessions.has(whole) ? whole : (textOf(section, "sso_session") ?? "");
  const session = ssoSessions.get(name);
  if (session === undefined)
    throw profileFault(profile, `names an sso_session that no [sso-session ${name}] section describes`, "sso_session");
  for (const key of ["sso_region", "sso_start_url"]) {
    const [own, shared] = [textOf(section, key), textOf(session, key)];
    if (own !== undefined && shared !== undefined && own !== shared)
      throw profileFault(profile, `and its sso-session differ in ${key}`, key);
  }
  return name;
}
