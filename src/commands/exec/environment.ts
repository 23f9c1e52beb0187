/** The variables of a program that reads its credentials from a sidecar of its own. Pure. */

import type { Env } from "../../edge.ts";
import { withNoProxy } from "../../settings/no-proxy.ts";
import type { Settings } from "../../settings/table.ts";
import {
  FULL_URI,
  IMDS_DISABLED,
  IMDS_ENDPOINT,
  RELATIVE_URI,
  TOKEN,
  TOKEN_FILE,
} from "../../settings/variable-names.ts";
import { BOTO_CONFIG } from "../boto-file.ts";

/**
 * What some SDK takes before the container's URI, or reads in its place. `AWS_CREDENTIAL_FILE` is of old tools and botocore,
 * `AWS_ACCESS_KEY` and `AWS_SECRET_KEY` of Java v1, `AWS_CREDENTIAL_EXPIRATION` of the JavaScript SDK.
 */
export const SHADOWING: readonly string[] = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_SECURITY_TOKEN",
  "AWS_CREDENTIAL_EXPIRATION",
  "AWS_ACCESS_KEY",
  "AWS_SECRET_KEY",
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_ROLE_ARN",
  "AWS_ROLE_SESSION_NAME",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CREDENTIAL_FILE",
  "AWS_CREDENTIAL_PROFILES_FILE",
  RELATIVE_URI,
];

/** Files of the sidecar's, for the program; a path is missing where no file could be written. */
export interface ChildFiles {
  /** Some SDKs know only a file for the token, and others only a variable. */
  readonly tokenFile: string | undefined;
  /** The settings of the profile that are not about credentials. */
  readonly configFile: string;
  /** Empty. */
  readonly credentialsFile: string;
}

export interface ChildInput {
  readonly env: Env;
  /** Where the sidecar serves credentials, as `HOST:PORT`. */
  readonly address: string;
  /** Undefined when only a file has it. */
  readonly token: string | undefined;
  readonly files: ChildFiles;
  /** The protocol in force. */
  readonly imds: Settings["imds"];
  /** Of the profile, for SDKs that read no config file. */
  readonly region: string | undefined;
}

export interface ChildEnvironment {
  readonly env: Env;
  /** The variables that would have won over the sidecar, and are removed. */
  readonly removed: readonly string[];
}

/** `env` with what leads to the sidecar, and without what would win over it. */
export function childEnvironment(input: ChildInput): ChildEnvironment {
  const { env, address, token, files, imds } = input;
  const removed = SHADOWING.filter((name) => env[name]);
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !REPLACED.includes(name)));
  const given: Env = {
    [FULL_URI]: `http://${address}/v1/credentials`,
    [TOKEN]: token,
    [TOKEN_FILE]: files.tokenFile,
    AWS_CONFIG_FILE: files.configFile,
    AWS_SHARED_CREDENTIALS_FILE: files.credentialsFile,
    // Java v1 looks there first.
    AWS_CREDENTIAL_PROFILES_FILE: files.credentialsFile,
    [BOTO_CONFIG]: files.credentialsFile,
    ...regionOf(input),
    ...withNoProxy(env, "127.0.0.1"),
    ...(imds === "off" ? {} : { [IMDS_ENDPOINT]: `http://${address}/`, [IMDS_DISABLED]: "false" }),
  };
  return { env: { ...kept, ...given }, removed };
}

/** Those of another sidecar or agent are replaced, which is no news to anybody. */
const REPLACED: readonly string[] = [...SHADOWING, FULL_URI, TOKEN, TOKEN_FILE];

/** boto3 reads `AWS_DEFAULT_REGION` alone, and other SDKs `AWS_REGION` alone. */
function regionOf({ env, region }: ChildInput): Env {
  if (region === undefined || env.AWS_REGION || env.AWS_DEFAULT_REGION) return {};
  return { AWS_REGION: region, AWS_DEFAULT_REGION: region };
}
