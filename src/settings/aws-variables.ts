/** The variables of the AWS SDKs and of proxies, read once and passed down. Pure. */
import type { Env } from "../edge.ts";

/** A variable that is set and not empty, with its name so that a message can say which one. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/**
 * Each row lists the names that may hold a value; the first that is set wins. Lower-case proxies come first, as in curl
 * and botocore.
 */
const names = {
  profile: ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"],
  configFile: ["AWS_CONFIG_FILE"],
  sharedCredentialsFile: ["AWS_SHARED_CREDENTIALS_FILE"],
  loginCacheDirectory: ["AWS_LOGIN_CACHE_DIRECTORY"],
  region: ["AWS_REGION", "AWS_DEFAULT_REGION"],
  accessKeyId: ["AWS_ACCESS_KEY_ID"],
  /** A secret. */
  secretAccessKey: ["AWS_SECRET_ACCESS_KEY"],
  /** A secret. */
  sessionToken: ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"],
  credentialExpiration: ["AWS_CREDENTIAL_EXPIRATION"],
  accountId: ["AWS_ACCOUNT_ID"],
  roleArn: ["AWS_ROLE_ARN"],
  roleSessionName: ["AWS_ROLE_SESSION_NAME"],
  webIdentityTokenFile: ["AWS_WEB_IDENTITY_TOKEN_FILE"],
  endpointUrl: ["AWS_ENDPOINT_URL"],
  endpointUrlSts: ["AWS_ENDPOINT_URL_STS"],
  ignoreConfiguredEndpointUrls: ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"],
  stsRegionalEndpoints: ["AWS_STS_REGIONAL_ENDPOINTS"],
  useFipsEndpoint: ["AWS_USE_FIPS_ENDPOINT"],
  useDualstackEndpoint: ["AWS_USE_DUALSTACK_ENDPOINT"],
  containerFullUri: ["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
  containerRelativeUri: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
  /** A secret. */
  containerToken: ["AWS_CONTAINER_AUTHORIZATION_TOKEN"],
  containerTokenFile: ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
  imdsEndpoint: ["AWS_EC2_METADATA_SERVICE_ENDPOINT"],
  imdsEndpointMode: ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"],
  imdsV1Disabled: ["AWS_EC2_METADATA_V1_DISABLED"],
  imdsDisabled: ["AWS_EC2_METADATA_DISABLED"],
  caBundle: ["AWS_CA_BUNDLE"],
  /** May hold a password. */
  httpsProxy: ["https_proxy", "HTTPS_PROXY"],
  /** May hold a password. */
  httpProxy: ["http_proxy", "HTTP_PROXY"],
  /** May hold a password. */
  allProxy: ["all_proxy", "ALL_PROXY"],
  noProxy: ["no_proxy", "NO_PROXY"],
  nodeExtraCaCerts: ["NODE_EXTRA_CA_CERTS"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type AwsVariables = { readonly [Key in keyof typeof names]: Variable | undefined };

/** Every AWS and proxy variable of `env`. An empty one counts as unset, as it does for botocore. */
export function readAwsVariables(env: Env): AwsVariables {
  const read = (candidates: readonly string[]): Variable | undefined =>
    candidates.flatMap((name) => (env[name] ? [{ name, value: env[name] }] : []))[0];
  return Object.fromEntries(Object.entries(names).map(([key, candidates]) => [key, read(candidates)])) as AwsVariables;
}

/** Whoever knows the path at ECS's agent gets the credentials. */
const SECRET_PATHS: readonly (keyof AwsVariables)[] = ["containerFullUri", "containerRelativeUri"];

const SECRETS: readonly (keyof AwsVariables)[] = ["secretAccessKey", "sessionToken", "containerToken"];

/** The variables that are set, as people and logs may see them: a secret only as `set`, a URL without user and query. */
export function shownVariables(aws: AwsVariables): readonly Variable[] {
  return Object.entries(aws).flatMap(([key, variable]) => {
    if (variable === undefined) return [];
    return [{ name: variable.name, value: shownValue(key as keyof AwsVariables, variable.value) }];
  });
}

function shownValue(key: keyof AwsVariables, value: string): string {
  if (SECRETS.includes(key)) return "set";
  // The end is enough to find the key in CloudTrail, and no use to anyone else.
  if (key === "accessKeyId") return `…${value.slice(-4)}`;
  const bare = value.replace(/[?#].*$/s, "");
  if (SECRET_PATHS.includes(key)) return withoutPath(value);
  return bare.includes("@") ? bare.replace(/^([a-z][\w+.-]*:\/\/)?.*@/is, "$1***@") : bare;
}

function withoutPath(value: string): string {
  const url = URL.parse(value);
  return url?.pathname === "/" ? url.origin : `${url?.origin ?? ""}/…`;
}
