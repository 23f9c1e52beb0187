/** The two credential documents and the errors, as they are written. Pure. */
import type { Credentials } from "../credentials.ts";
import { parseRoleArn } from "../credentials.ts";
import type { Client, Protocol } from "../policy/clients.ts";
import { type Refusal, refusalRow } from "../refusals.ts";
import { formatTime } from "../time.ts";

/** An answer ready to be written: rendered once, sent many times. */
export interface Answer {
  readonly status: number;
  /** Node's flat list of names and values. */
  readonly headers: readonly string[];
  /** A string, which Node writes together with the headers; bytes would be a second piece, and cost a sixth of a read. */
  readonly body: string;
  /** `latin1` where the text is ASCII, because V8 keeps and copies it as bytes. */
  readonly encoding: "latin1" | "utf8";
  /** Of the body. */
  readonly bytes: number;
}

export interface DocumentInput {
  readonly protocol: Protocol;
  readonly identity: string;
  readonly credentials: Credentials;
  /** In ms. */
  readonly obtainedAt: number;
  /** The reported expiration for this client, in ms. */
  readonly reportedExpiration: number;
  /** A second field for the access key ID, for a client that looks for it there. */
  readonly accessKeyIdField?: Client["accessKeyIdField"];
}

/**
 * The document that every client can read: one flat object of strings without escapes. `Code`, `Type` and
 * `LastUpdated` are asked for by Swift, .NET and minio-js; `RoleArn` by s3fs and Soto on the container protocol,
 * while s3fs takes an IMDS document only without it.
 */
export function renderDocument({
  protocol,
  identity,
  credentials,
  obtainedAt,
  reportedExpiration,
  accessKeyIdField,
}: DocumentInput): Answer {
  const { accountId, accessKeyId } = credentials;
  return json(200, {
    Code: "Success",
    Type: "AWS-HMAC",
    LastUpdated: formatTime(obtainedAt),
    ...(protocol === "container" ? { RoleArn: credentials.roleArn ?? placeholderArn(identity, accountId) } : {}),
    AccessKeyId: accessKeyId,
    ...(accessKeyIdField === undefined ? {} : { [accessKeyIdField]: accessKeyId }),
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: formatTime(reportedExpiration),
    ...(accountId === undefined ? {} : { AccountId: accountId }),
  });
}

/**
 * A role's ARN where upstream did not say which role it is. Without an account the field is empty, as in the ARNs of
 * S3: PHP reads the account from here, and a made-up one would lead it to another account's endpoints.
 */
function placeholderArn(identity: string, accountId = ""): string {
  return `arn:aws:iam::${accountId}:role/${identity}`;
}

/** The role name that IMDS lists. */
export function roleName(identity: string, credentials: Credentials): string {
  return parseRoleArn(credentials.roleArn)?.roleName ?? identity;
}

/** `code` and `message` for most SDKs, `Code` and `Message` for JavaScript v3; never a secret in either. */
export function renderError(
  status: number,
  code: string,
  message: string,
  extraHeaders: readonly string[] = [],
): Answer {
  return json(status, { code, message, Code: code, Message: message }, extraHeaders);
}

/** An error on the list of roles: GDAL takes whatever body comes for the role's name, and keeps it for its life. */
export function withoutErrorBody(answer: Answer): Answer {
  const { status, headers } = answer;
  if (status < 400) return answer;
  const kept = headers.flatMap((name, index) => {
    if (index % 2 === 1 || name === "Content-Type") return [];
    return [name, name === "Content-Length" ? "0" : (headers[index + 1] ?? "")];
  });
  return { status, headers: kept, body: "", encoding: "latin1", bytes: 0 };
}

/** The answer to a refused request. */
export function renderRefusal({ reason, message, allow }: Refusal): Answer {
  const row = refusalRow(reason);
  const headers = allow === undefined ? [] : ["Allow", allow.join(", ")];
  return renderError(row.status, row.code, message ?? row.message, headers);
}

export function renderText(status: number, text: string, extraHeaders: readonly string[] = []): Answer {
  return answer(status, "text/plain", text, extraHeaders);
}

export function json(status: number, value: object, extraHeaders: readonly string[] = []): Answer {
  // Without parameters: Go v2 reads an error only when the type is exactly this.
  return answer(status, "application/json", JSON.stringify(value), extraHeaders);
}

export function answer(status: number, type: string, text: string, extraHeaders: readonly string[] = []): Answer {
  const bytes = Buffer.byteLength(text);
  const headers = [
    "Content-Type",
    type,
    "Content-Length",
    String(bytes),
    "Cache-Control",
    "no-store",
    "X-Content-Type-Options",
    "nosniff",
    ...extraHeaders,
  ];
  return { status, headers, body: text, encoding: bytes === text.length ? "latin1" : "utf8", bytes };
}
