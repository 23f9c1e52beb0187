/**
 * Why requests are refused: one row per reason, with everything that anybody says about it. The reasons are stable codes:
 * they are metric labels and log fields. Pure.
 */

export interface RefusalRow {
  readonly status: number;
  /** The error's `code` in the answer. */
  readonly code: string;
  /** The error's `message` in the answer, unless the guard that refuses gives a more exact one. */
  readonly message: string;
  /** Completes "3 requests were refused: …" for people. */
  readonly why: string;
  /** The remedy. */
  readonly remedy: string;
  /** The line to write into the manifest, when one line does it. `address` is where credentials are served, as `HOST:PORT`. */
  readonly line?: (address: string) => string;
}

const OWN_NETWORK = "NO_PROXY=127.0.0.1,169.254.169.254,169.254.170.2,169.254.170.23";
const NO_SDK = "no AWS SDK sends such requests: find in the pod what else uses the sidecar's port";
const fullUri = (address: string): string => `AWS_CONTAINER_CREDENTIALS_FULL_URI=http://${address}/v1/credentials`;

export const refusals = {
  peer: {
    status: 403,
    code: "PeerNotLocal",
    message: "only this pod is served on a link-local address",
    why: "they came to a link-local address from outside the pod",
    remedy:
      "find who routes to the pod's link-local address; credentials are for the pod itself, unless SIDECAR_PEERS=node says otherwise",
  },
  forwarded: {
    status: 400,
    code: "ForwardedRequest",
    message: "requests that a proxy forwarded are refused; connect to the sidecar directly",
    why: "a proxy had forwarded them",
    remedy: "let the application bypass the proxy for these addresses",
    line: () => OWN_NETWORK,
  },
  browser: {
    status: 403,
    code: "BrowserRequest",
    message: "requests with a browser's headers (Origin, Sec-*) are refused; fetch() of Node sends one too",
    why: "they carry a browser's headers (Origin, Sec-*)",
    remedy: "read credentials with an AWS SDK; web pages must not, and fetch() of Node sends such a header too",
  },
  host: {
    status: 403,
    code: "HostNotAllowed",
    message: "Host must be the loopback or link-local address that the sidecar listens on",
    why: "their Host is not the sidecar's address",
    remedy: "write the sidecar's own address into the application's URI",
    line: fullUri,
  },
  target: {
    status: 400,
    code: "BadTarget",
    message: "the request target must be a path",
    why: "they name a whole URL instead of a path, as if to a proxy",
    remedy: NO_SDK,
  },
  body: {
    status: 400,
    code: "BodyNotAllowed",
    message: "requests with a body are refused",
    why: "they carry a body",
    remedy: NO_SDK,
  },
  method: {
    status: 405,
    code: "MethodNotAllowed",
    message: "this method is not allowed here",
    why: "their method is not allowed",
    remedy: NO_SDK,
  },
  "refresh-peer": {
    status: 403,
    code: "RefreshNotLocal",
    message: "only this pod may ask for a refresh: run the command `refresh` in the sidecar's container",
    why: "they ask for a refresh from outside this pod",
    remedy: "ask from inside the pod with the command `refresh`, or through kubectl port-forward",
  },
  token: {
    status: 401,
    code: "TokenRequired",
    message: "Authorization must carry the token of AWS_CONTAINER_AUTHORIZATION_TOKEN or its file",
    why: "they lack the auth token",
    remedy:
      "give the application's container the token of SIDECAR_AUTH_TOKEN or its file, without a newline, in AWS_CONTAINER_AUTHORIZATION_TOKEN or AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    line: () => "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/var/run/secrets/aws-credential-sidecar/token",
  },
  identity: {
    status: 403,
    code: "OtherIdentity",
    message: "the token opens another identity",
    why: "their token opens another identity",
    remedy: "ask for the identity that the token is for: /v1/credentials/{identity}",
  },
  "session-token": {
    status: 401,
    code: "SessionTokenRequired",
    message:
      "a valid X-aws-ec2-metadata-token is needed; PUT /latest/api/token gives one, and SIDECAR_IMDS=v1 does without",
    why: "they lack an IMDSv2 session token",
    remedy:
      "allow IMDSv1 if a client supports nothing else, such as Java 1.11.546; a few are normal after a restart of the sidecar",
    line: () => "SIDECAR_IMDS=v1",
  },
  "unknown-path": {
    status: 404,
    code: "NotFound",
    message: "no such path; GET /v1/credentials",
    why: "their path does not exist here",
    remedy: "correct the path in the application's URI",
    line: fullUri,
  },
  "unknown-identity": {
    status: 404,
    code: "UnknownIdentity",
    message: "no such identity is served here",
    why: "no identity of that name is served here",
    remedy: "correct the identity in the application's URI, or add its profile to SIDECAR_PROFILES",
  },
  "unknown-client": {
    status: 404,
    code: "UnknownClient",
    message: "no such client in the table; --help lists the names",
    why: "the client that their path names is not in the table",
    remedy: "correct the client's name in the application's URI; --help lists the names",
    line: fullUri,
  },
  "unknown-role": {
    status: 404,
    code: "UnknownRole",
    message: "no such role is served here; GET /latest/meta-data/iam/security-credentials/ lists it",
    why: "they ask over IMDS for a role that is not served",
    remedy: "let the client read the list of roles first; a few are normal after the role was changed",
  },
  "imds-off": {
    status: 404,
    code: "ImdsOff",
    message: "the IMDS protocol is off here; GET /v1/credentials, or set SIDECAR_IMDS=v2",
    why: "they use the IMDS protocol, which is off",
    remedy: "point the application at the container endpoint, or turn IMDS on, which cannot ask for the auth token",
    line: () => "SIDECAR_IMDS=v2",
  },
  malformed: {
    status: 400,
    code: "MalformedRequest",
    message: "the request cannot be read",
    why: "they are not valid HTTP",
    remedy: NO_SDK,
  },
} as const satisfies Readonly<Record<string, RefusalRow>>;

export type RefusalReason = keyof typeof refusals;
export const refusalReasons = Object.keys(refusals) as readonly RefusalReason[];

/** The row of a reason, as the type of all rows. */
export function refusalRow(reason: RefusalReason): RefusalRow {
  return refusals[reason];
}

/** What the log says of a refused request besides its reason. Never a secret: every value is of our own words or a name. */
export interface RefusalFacts {
  /** A stable word for the exact fault of a malformed request: the parser's code, or ours. */
  readonly fault?: string;
  /** The name of the header that a proxy or a browser left. */
  readonly header?: string;
  /** The path that was probably meant. */
  readonly nearest?: string;
  /** The client that sent it, by the name that metrics use. */
  readonly client?: string;
}

/** One refused request. */
export interface Refusal extends RefusalFacts {
  readonly reason: RefusalReason;
  /** In place of the row's message: names what is wrong with this request, and nothing that the caller may choose. */
  readonly message?: string;
  /** The methods that the path takes, for `Allow`. */
  readonly allow?: readonly string[];
}
