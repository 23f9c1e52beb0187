/** The ways in which a profile gives credentials of its own, without another profile. Pure; the rules are botocore's. */
import type { ProvidedCredentials } from "../credentials.ts";
import { type Section, textOf, wholeTextOf } from "./ini.ts";
import { profileFault, quoted } from "./profile-fault.ts";

export interface KeysPlan {
  readonly kind: "keys";
  readonly profile: string;
  readonly answer: ProvidedCredentials;
}

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

export function webIdentityPlan(name: string, profile: Section): WebIdentityPlan | undefined {
  const tokenFile = wholeTextOf(profile, "web_identity_token_file");
  if (tokenFile === undefined) return undefined;
  const roleArn = textOf(profile, "role_arn");
  if (!tokenFile) throw profileFault(name, "has an empty web_identity_token_file", "web_identity_token_file");
  if (!roleArn) throw profileFault(name, "has web_identity_token_file, but no role_arn", "web_identity_token_file");
  const sessionName = textOf(profile, "role_session_name") || undefined;
  return {
    kind: "web-identity",
    roleArn,
    tokenFile,
    what: `web_identity_token_file of the profile ${quoted(name)}`,
    sessionName,
  };
}

export function processPlan(profile: string, section: Section): ProcessPlan | undefined {
  const command = wholeTextOf(section, "credential_process");
  if (command === undefined) return undefined;
  if (command === "") throw profileFault(profile, "has an empty credential_process", "credential_process");
  return { kind: "process", profile, command, accountId: textOf(section, "aws_account_id") };
}

export function hasKeys(profile: Section | undefined): boolean {
  return profile !== undefined && (profile.has("aws_access_key_id") || profile.has("aws_secret_access_key"));
}

/** `section` is of one file: an ID, a secret and a token of two files would be of two identities. */
export function keysPlan(name: string, section: Section | undefined, profile: Section): KeysPlan | undefined {
  if (section === undefined || !hasKeys(section)) return undefined;
  const accessKeyId = textOf(section, "aws_access_key_id");
  const secretAccessKey = textOf(section, "aws_secret_access_key");
  if (!accessKeyId || !secretAccessKey) {
    const [has, lacks] = accessKeyId
      ? ["aws_access_key_id", "aws_secret_access_key"]
      : ["aws_secret_access_key", "aws_access_key_id"];
    throw profileFault(name, `has ${has}, but no ${lacks}`, lacks);
  }
  const sessionToken = textOf(section, "aws_session_token") ?? textOf(section, "aws_security_token");
  return {
    kind: "keys",
    profile: name,
    answer: { accessKeyId, secretAccessKey, sessionToken, accountId: textOf(profile, "aws_account_id") },
  };
}
