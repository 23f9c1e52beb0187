/** How long upstream says that credentials live. Static keys say nothing. */
export type Lifetime = { readonly kind: "until"; readonly expiration: number } | { readonly kind: "unlimited" };

/** One set of credentials as upstream gave it, checked. `expiration` is the real one, in ms since the epoch. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Empty for static keys, which have none. */
  readonly sessionToken: string;
  readonly lifetime: Lifetime;
  readonly accountId: string | undefined;
  readonly roleArn: string | undefined;
}

/** What an AWS SDK provider resolves to; every field is doubted by {@link checkCredentials}. */
export interface ProvidedCredentials {
  readonly accessKeyId?: unknown;
  readonly secretAccessKey?: unknown;
  readonly sessionToken?: unknown;
  readonly expiration?: unknown;
  /** The IMDS provider moves `expiration` ahead when IMDS lags, and keeps the real one here. */
  readonly originalExpiration?: unknown;
  readonly accountId?: unknown;
}

export type Checked =
  | { readonly kind: "ok"; readonly credentials: Credentials }
  | { readonly kind: "malformed"; readonly fault: string };

/** An AWS access key ID has 16–128 word characters (STS API reference, `Credentials`). */
const ACCESS_KEY_ID = /^\w{16,128}$/;

/**
 * Printable ASCII without the quote and the backslash: some clients read JSON strings raw
 * (fluent-bit's jsmn, s3fs-fuse), so nothing that would need an escape may be served.
 */
const PLAIN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** The CRT refuses a container answer over 10 000 bytes (aws-c-auth, ECS_RESPONSE_SIZE_LIMIT). */
const MAX_SECRET_LENGTH = 512;
const MAX_TOKEN_LENGTH = 8_192;

const ACCOUNT_ID = /^\d{12}$/;
const ROLE_ARN = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/([\w+=,.@/-]+)$/;

export interface Expected {
  /** The role that upstream was asked for, when it was asked for one. */
  readonly roleArn: string | undefined;
  /** Whether an answer without an expiration is static keys, or a fault of upstream. */
  readonly unlimitedAllowed: boolean;
}

/** Checks what a provider gave. Never throws, and never puts a value into `fault`. */
export function checkCredentials(given: ProvidedCredentials, { roleArn, unlimitedAllowed }: Expected): Checked {
  const { accessKeyId, secretAccessKey, sessionToken = "" } = given;
  const malformed = (fault: string): Checked => ({ kind: "malformed", fault });
  if (typeof accessKeyId !== "string" || !ACCESS_KEY_ID.test(accessKeyId)) return malformed("access key ID");
  if (typeof secretAccessKey !== "string" || !isPlain(secretAccessKey, MAX_SECRET_LENGTH)) {
    return malformed("secret access key");
  }
  if (typeof sessionToken !== "string" || (sessionToken !== "" && !isPlain(sessionToken, MAX_TOKEN_LENGTH))) {
    return malformed("session token");
  }
  const lifetime = readLifetime(given.originalExpiration ?? given.expiration, unlimitedAllowed);
  if (lifetime === undefined) return malformed("expiration");
  const accountId = readAccountId(given.accountId) ?? parseRoleArn(roleArn)?.accountId;
  return { kind: "ok", credentials: { accessKeyId, secretAccessKey, sessionToken, lifetime, accountId, roleArn } };
}

function isPlain(text: string, maxLength: number): boolean {
  return text.length <= maxLength && PLAIN.test(text);
}

function readLifetime(expiration: unknown, unlimitedAllowed: boolean): Lifetime | undefined {
  if (expiration === undefined) return unlimitedAllowed ? { kind: "unlimited" } : undefined;
  if (!(expiration instanceof Date) || Number.isNaN(expiration.getTime())) return undefined;
  return { kind: "until", expiration: expiration.getTime() };
}

function readAccountId(accountId: unknown): string | undefined {
  return typeof accountId === "string" && ACCOUNT_ID.test(accountId) ? accountId : undefined;
}

export interface RoleArnParts {
  readonly partition: string;
  readonly accountId: string;
  /** The last part of the path, as IMDS lists it. */
  readonly roleName: string;
}

/** The parts of an IAM role's ARN, or undefined when `text` is not one. */
export function parseRoleArn(text: string | undefined): RoleArnParts | undefined {
  const [, partition, accountId, path] = ROLE_ARN.exec(text ?? "") ?? [];
  const roleName = path?.split("/").at(-1);
  if (partition === undefined || accountId === undefined || !roleName) return undefined;
  return { partition, accountId, roleName };
}
