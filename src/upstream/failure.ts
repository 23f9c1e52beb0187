/** Why upstream gave nothing, in classes that decide the next try, the metric's label and the words of `doctor`. */

/** Stable codes: they are metric labels and log fields. */
export const failureKinds = [
  "denied",
  "throttled",
  "unreachable",
  "timeout",
  "malformed",
  "expired",
  "rejected",
  "unavailable",
  "not-configured",
] as const;

export type FailureKind = (typeof failureKinds)[number];

/** A failed attempt. The message is ours and safe to show: it never holds what upstream sent. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  readonly kind: FailureKind;
  /** Upstream's own error code, such as `AccessDenied`, when it has the form of one. */
  readonly upstreamCode: string | undefined;
  /** Upstream's clock less ours, in ms, when its answer told. */
  readonly clockOffset: number | undefined;
  /** How long upstream asked to be left alone (`Retry-After`), in ms, when it said so. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message);
    this.kind = kind;
    this.upstreamCode = details.upstreamCode;
    this.clockOffset = details.clockOffset;
    this.retryAfterMs = details.retryAfterMs;
  }
}

export interface FailureDetails {
  readonly upstreamCode?: string | undefined;
  readonly clockOffset?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

const FINAL: ReadonlySet<FailureKind> = new Set(["denied", "rejected", "not-configured"]);

/** Whether waiting a moment will not help: readers are told at once, and upstream is asked again more slowly. */
export function isFinal(failure: UpstreamFailure | undefined): boolean {
  return failure !== undefined && FINAL.has(failure.kind);
}

const DENIED = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "UnauthorizedException",
  "ForbiddenException",
  "InvalidIdentityToken",
  "ExpiredTokenException",
  "ExpiredToken",
  "IDPRejectedClaim",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
  "SignatureDoesNotMatch",
  "RegionDisabledException",
]);
const THROTTLED = new Set(["Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"]);
const REJECTED = new Set([
  "ValidationError",
  "MalformedPolicyDocument",
  "PackedPolicyTooLarge",
  "InvalidParameterValue",
]);
/** STS could not ask the cluster's OIDC issuer: its status is 400, but the next try may pass. */
const UNAVAILABLE = new Set(["IDPCommunicationError"]);
/** A token file, profile or program that is not there, or an address that is none. */
const NOT_CONFIGURED = new Set(["ENOENT", "EACCES", "EISDIR", "ENOTDIR", "ERR_INVALID_URL"]);
const TIMEOUT = new Set([
  "TimeoutError",
  "RequestTimeout",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);
const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "UND_ERR_SOCKET",
  // A proxy that refused the tunnel.
  "UND_ERR_ABORTED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_HAS_EXPIRED",
]);

/**
 * Only what has the form of an error code is repeated, for an answer of upstream may carry anything: words in capitals
 * as AWS writes them, or Node's and undici's own. A secret has digits or signs in it.
 */
const CODE = /^(?:[A-Z][A-Za-z]{2,47}|[A-Z]{2,}(?:_[A-Z0-9]+)*)$/;

/** The parts of an SDK error that are looked at; all doubted. */
interface Thrown {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly statusCode?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown };
  readonly $response?: { readonly headers?: Record<string, string | undefined> };
}

/** Turns whatever a provider threw into a class and a safe sentence. `now` is for the clock offset, in ms. */
export function classify(thrown: unknown, now: number): UpstreamFailure {
  if (thrown instanceof UpstreamFailure) return thrown;
  const chain = causes(thrown);
  const codes = chain.flatMap(codesOf);
  const status = chain.map(statusOf).find((found) => found !== undefined);
  const details = { upstreamCode: codes[0], clockOffset: chain.map((link) => offsetOf(link, now)).find(isNumber) };
  const kind = kindOf(codes, status, chain);
  return new UpstreamFailure(kind, sentence(kind, codes[0], status), details);
}

/** The thrown value and its causes, outermost first. The depth is bounded: a cause may lead back to itself. */
function causes(thrown: unknown): readonly Thrown[] {
  const chain: Thrown[] = [];
  for (let link = thrown; isObject(link) && chain.length < 5; link = link.cause) chain.push(link);
  return chain;
}

function isObject(value: unknown): value is Thrown {
  return typeof value === "object" && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

/** Generic names say less than the code beside them; `Unknown` is the SDK's word for an error without a code. */
const GENERIC = new Set([
  "Unknown",
  "Error",
  "TypeError",
  "AggregateError",
  "ProviderError",
  "CredentialsProviderError",
  "SyntaxError",
]);

function codesOf({ Code, code, name, message }: Thrown): readonly string[] {
  return [Code, code, name, knownCodeIn(textOf(message))].filter(
    (text): text is string => typeof text === "string" && CODE.test(text) && !GENERIC.has(text),
  );
}

/**
 * The container and SSO providers keep what they wrap only in their message, beside whatever else is there: a network
 * error's code anywhere, a service's at the beginning.
 */
function knownCodeIn(message: string): string | undefined {
  const words = [...(message.match(/\b(?:E|UND_ERR_)[A-Z_]{4,}\b/g) ?? []), /^(\w+): /.exec(message)?.[1] ?? ""];
  return words.find((word) => kindOfCode(word) !== undefined);
}

function statusOf({ statusCode, $metadata, message }: Thrown): number | undefined {
  const reported = statusCode ?? $metadata?.httpStatusCode;
  if (isNumber(reported)) return reported;
  // The container provider puts the status only into its message.
  const [, inMessage] = /^(?:\w*Error: )*Server responded with status: (\d{3})$/.exec(textOf(message)) ?? [];
  return inMessage === undefined ? undefined : Number(inMessage);
}

function offsetOf({ $response }: Thrown, now: number): number | undefined {
  const date = Date.parse($response?.headers?.date ?? "");
  return Number.isNaN(date) ? undefined : date - now;
}

function kindOf(codes: readonly string[], status: number | undefined, chain: readonly Thrown[]): FailureKind {
  // The first that is known: the transport calls a closed socket a time-out by name, and keeps its code.
  const byCode = codes.map(kindOfCode).find((kind) => kind !== undefined);
  if (byCode !== undefined) return byCode;
  if (chain.some(({ message }) => /^TimeoutError\b/.test(textOf(message)))) return "timeout";
  if (status !== undefined && status >= 400) return kindOfStatus(status);
  const byMessage = messageKinds.find(([pattern]) => chain.some(({ message }) => pattern.test(textOf(message))));
  if (byMessage !== undefined) return byMessage[1];
  if (status !== undefined || chain.some(({ name }) => name === "SyntaxError")) return "malformed";
  return chain.some(({ name }) => name === "CredentialsProviderError") ? "not-configured" : "malformed";
}

const codeKinds: readonly (readonly [ReadonlySet<string>, FailureKind])[] = [
  [THROTTLED, "throttled"],
  [DENIED, "denied"],
  [REJECTED, "rejected"],
  [UNAVAILABLE, "unavailable"],
  [TIMEOUT, "timeout"],
  [UNREACHABLE, "unreachable"],
  [NOT_CONFIGURED, "not-configured"],
];

function kindOfCode(code: string): FailureKind | undefined {
  return codeKinds.find(([set]) => set.has(code))?.[1];
}

/** What providers throw without a code or a status, in the order of the SDK's packages. */
const messageKinds: readonly (readonly [RegExp, FailureKind])[] = [
  [/^HTTP credential provider response not of the required format/, "malformed"],
  [/^Invalid response (?:from STS|received from instance metadata)/, "malformed"],
  [/ credential_process (?:returned invalid|did not return Version 1)/, "malformed"],
  [/ credential_process returned expired credentials/, "expired"],
  [/^Command failed: /, "unavailable"],
  [/^stdout maxBuffer length exceeded/, "malformed"],
  // Every address of a name refused; the container provider keeps no more of Node's error than this.
  [/^AggregateError\b/, "unreachable"],
  // No session of IMDSv2, for whatever reason, and version 1 is switched off.
  [/^AWS EC2 Metadata v1 fallback has been blocked/, "unreachable"],
  [/^SSO returns an invalid/, "malformed"],
  [/^(?:SyntaxError|ResponseExceededMaxSizeError): /, "malformed"],
  // The SSO provider's whole account of a bare 5xx.
  [/^Unknown: UnknownError$/, "unavailable"],
];

function kindOfStatus(status: number): FailureKind {
  if (status === 429) return "throttled";
  if (status === 401 || status === 403) return "denied";
  return status >= 500 ? "unavailable" : "rejected";
}

const words: Record<FailureKind, string> = {
  denied: "upstream denied the request",
  throttled: "upstream throttled the request",
  unreachable: "upstream cannot be reached",
  timeout: "upstream did not answer in time",
  malformed: "upstream's answer cannot be read",
  expired: "upstream gave credentials that have expired already",
  rejected: "upstream rejected the request",
  unavailable: "upstream answered that it is unavailable",
  "not-configured": "no credentials could be found where the settings point",
};

function sentence(kind: FailureKind, code: string | undefined, status: number | undefined): string {
  const facts = [code, status === undefined ? undefined : `HTTP ${status}`].filter((fact) => fact !== undefined);
  return facts.length === 0 ? words[kind] : `${words[kind]} (${facts.join(", ")})`;
}
