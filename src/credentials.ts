/**
 * How long credentials live, as far as upstream says. `claimed` is an expiration too far ahead to be believed.
 * `unknown`: a session token without an expiration; AWS ends that session, but nobody knows when.
 * `unlimited`: static keys, which have no session token.
 */
export type Lifetime =
  | { readonly kind: "until"; readonly expiration: number }
  | { readonly kind: "unknown"; readonly claimed?: number }
  | { readonly kind: "unlimited"; readonly claimed?: number };

/** The region of STS that answered. */
export interface StsRegion {
  readonly region: string;
  /** The region that is asked first; another than `region` where a fallback answered. */
  readonly home: string;
}

/** One set of credentials as upstream gave it, checked. `expiration` is the real one, in ms since the epoch. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Empty for static keys, which have none. */
  readonly sessionToken: string;
  readonly lifetime: Lifetime;
  readonly accountId: string | undefined;
  readonly roleArn: string | undefined;
  /** The role's name, where upstream says no more of it than that: IMDS lists it, SSO is asked for it. */
  readonly roleName?: string;
  /** Set when a `credential_process` printed them: reading them again runs it, which is not as cheap as reading a file. */
  readonly fromProgram?: true;
  /** Set when STS gave them, and not at a configured endpoint. */
  readonly sts?: StsRegion;
}

/** What an AWS SDK provider resolves to. {@link checkCredentials} checks every field. */
export interface ProvidedCredentials {
  readonly accessKeyId?: unknown;
  readonly secretAccessKey?: unknown;
  readonly sessionToken?: unknown;
  readonly expiration?: unknown;
  /** The IMDS provider moves `expiration` ahead when IMDS lags, and keeps the real one here. */
  readonly originalExpiration?: unknown;
  readonly accountId?: unknown;
  /** The role that upstream says the credentials are of. */
  readonly roleName?: unknown;
}

export type Checked =
  | { readonly kind: "ok"; readonly credentials: Credentials }
  | { readonly kind: "malformed"; readonly fault: string };

/**
 * AWS's have 16–128 word characters (STS API reference, `Credentials`), but other issuers have shorter ones with other
 * characters (`test`, `minioadmin`). A slash, a comma or an equals sign would break the header that SigV4 puts it into.
 */
const ACCESS_KEY_ID = /^[\x21\x23-\x2b\x2d\x2e\x30-\x3c\x3e-\x5b\x5d-\x7e]{1,128}$/;

/**
 * Printable ASCII without the quote and the backslash: some clients read JSON strings raw
 * (fluent-bit's jsmn, s3fs-fuse), so nothing that would need an escape may be served.
 */
const PLAIN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const MAX_SECRET_LENGTH = 512;
/** STS documents no limit, and advises against assuming one. Memory is budgeted for this one. */
const MAX_TOKEN_LENGTH = 65_536;

const ACCOUNT_ID = /^\d{12}$/;
/** IAM: `RoleName`, at most 64 of these characters. */
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
/** IAM: `arnType`, at most 2,048 characters. Other issuers' have parts of their own (MinIO). */
const MAX_ARN_LENGTH = 2_048;
const ARN = /^arn(?::[^:]*){4}:./;
const ROLE_ARN = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/([\w+=,.@/-]+)$/;

export interface Expected {
  /** The role that upstream was asked for, or else the one that it says the credentials are of. */
  readonly roleArn: string | undefined;
  /** True when an answer may have no expiration, like keys in a file; otherwise a missing one is a fault of upstream. */
  readonly unlimitedAllowed: boolean;
  /** True when a `credential_process` printed it. */
  readonly fromProgram?: boolean;
  readonly sts?: StsRegion | undefined;
}

/** Checks what a provider gave. Never throws, and never puts a value into `fault`. */
export function checkCredentials(given: ProvidedCredentials, expected: Expected): Checked {
  const { accessKeyId, secretAccessKey, sessionToken = "" } = given;
  const malformed = (fault: string): Checked => ({ kind: "malformed", fault });
  if (typeof accessKeyId !== "string" || !ACCESS_KEY_ID.test(accessKeyId)) return malformed("access key ID");
  if (typeof secretAccessKey !== "string" || !isPlain(secretAccessKey, MAX_SECRET_LENGTH)) {
    return malformed("secret access key");
  }
  if (typeof sessionToken !== "string" || (sessionToken !== "" && !isPlain(sessionToken, MAX_TOKEN_LENGTH))) {
    return malformed("session token");
  }
  const lifetime = readLifetime(given.originalExpiration ?? given.expiration, sessionToken, expected);
  if (lifetime === undefined) return malformed("expiration");
  const { fromProgram, sts } = expected;
  const roleArn = readArn(expected.roleArn);
  const accountId = readAccountId(given.accountId) ?? parseRoleArn(roleArn)?.accountId;
  const roleName = readRoleName(given.roleName);
  return {
    kind: "ok",
    credentials: {
      accessKeyId,
      secretAccessKey,
      sessionToken,
      lifetime,
      accountId,
      roleArn,
      ...(roleName === undefined ? {} : { roleName }),
      ...(fromProgram ? { fromProgram } : {}),
      ...(sts === undefined ? {} : { sts }),
    },
  };
}

function isPlain(text: string, maxLength: number): boolean {
  return text.length <= maxLength && PLAIN.test(text);
}

function readLifetime(expiration: unknown, sessionToken: string, { unlimitedAllowed }: Expected): Lifetime | undefined {
  if (expiration === undefined) {
    if (!unlimitedAllowed) return undefined;
    return { kind: sessionToken === "" ? "unlimited" : "unknown" };
  }
  if (!(expiration instanceof Date) || Number.isNaN(expiration.getTime())) return undefined;
  return { kind: "until", expiration: expiration.getTime() };
}

function readAccountId(accountId: unknown): string | undefined {
  return typeof accountId === "string" && ACCOUNT_ID.test(accountId) ? accountId : undefined;
}

/** An agent may say anything, and it is served: what is no ARN is as good as none. */
function readArn(arn: string | undefined): string | undefined {
  return arn !== undefined && ARN.test(arn) && isPlain(arn, MAX_ARN_LENGTH) ? arn : undefined;
}

function readRoleName(roleName: unknown): string | undefined {
  return typeof roleName === "string" && ROLE_NAME.test(roleName) ? roleName : undefined;
}

/**
 * True when two sets of credentials have the same kind, account and role. A fact that only one of them states is ignored:
 * an agent may begin to name its role after an upgrade.
 */
export function isSameIdentity(a: Credentials, b: Credentials): boolean {
  const [roleA, roleB] = [nameOfRole(a), nameOfRole(b)];
  return (
    (a.sessionToken === "") === (b.sessionToken === "") &&
    !differ(a.roleArn, b.roleArn) &&
    !differ(a.accountId, b.accountId) &&
    !differ(roleA, roleB)
  );
}

function differ(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

function nameOfRole({ roleArn, roleName }: Credentials): string | undefined {
  return roleName ?? parseRoleArn(roleArn)?.roleName;
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
