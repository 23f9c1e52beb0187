/** Files from which an application's SDK takes credentials before it asks the sidecar. */
import type { Env } from "../../edge.ts";
import { knownSource } from "../../upstream/credential-source.ts";
import { type Section, textOf } from "../../upstream/ini.ts";
import { readSharedFiles } from "../../upstream/shared-files.ts";
import { NO_BOTO_FILE, shadowingBotoFile } from "../boto-file.ts";
import { hasCredentials } from "../exec/profile-settings.ts";
import type { Finding } from "./finding.ts";

export interface ShadowingFilesInput {
  readonly env: Env;
  /** The profile that a variable names, which has a finding of its own. */
  readonly profile: string | undefined;
}

/** Of an application's environment: its home directory, and the files that its variables name. */
export async function shadowingFileFindings({ env, profile }: ShadowingFilesInput): Promise<readonly Finding[]> {
  return [...(profile === undefined ? await defaultProfile(env) : []), ...(await botoFile(env))];
}

async function botoFile(env: Env): Promise<readonly Finding[]> {
  const file = await shadowingBotoFile(env);
  if (file === undefined) return [];
  const { path, holds } = file;
  const what =
    holds === "keys"
      ? "has keys of boto 2: boto3 and the AWS CLI take those and never ask the sidecar"
      : "cannot be parsed: boto3 and the AWS CLI read it before they ask the sidecar, and fail";
  return [
    {
      severity: "problem",
      code: "boto-file-wins",
      facts: { path, holds },
      text: `${path} ${what}`,
      remedy: "keep botocore from that file",
      line: NO_BOTO_FILE,
    },
  ];
}

/** A file that cannot be read is left to the SDKs, each of which says so. */
async function defaultProfile(env: Env): Promise<readonly Finding[]> {
  const files = await readSharedFiles(env).catch(() => undefined);
  const inFile = (profiles: ReadonlyMap<string, Section>) => {
    const profile = profiles.get("default");
    return hasCredentials(profile) && !meansContainer(profile);
  };
  const variables = [
    ...(files !== undefined && inFile(files.credentials) ? ["AWS_SHARED_CREDENTIALS_FILE"] : []),
    ...(files !== undefined && inFile(files.config) ? ["AWS_CONFIG_FILE"] : []),
  ];
  if (files === undefined || variables.length === 0) return [];
  return [
    {
      severity: "problem",
      code: "default-profile-wins",
      facts: { variables },
      text: `The default profile in ${files.where} has credentials: the SDKs take those and never ask the sidecar`,
      remedy: "keep the SDKs from that file",
      line: variables.map((name) => `${name}=/dev/null`).join(" "),
    },
  ];
}

/** Such a profile asks the container's URI. */
function meansContainer(profile: Section | undefined): boolean {
  return knownSource(textOf(profile, "credential_source") ?? "")?.kind === "container";
}
