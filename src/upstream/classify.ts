/** Finds the failure class of anything that a provider, the SDK or Node throws. */
import { SECOND } from "../time.ts";
import { isSkewed } from "./clock-skew.ts";
import type { Circumstances } from "./code-row.ts";
import { type FailureKind, type Subject, UpstreamFailure } from "./failure.ts";
import { classOf, kindOfCode } from "./failure-classes.ts";
import { type Headers, retryAfterMs } from "./retry-after.ts";

/**
 * Only what has the form of an error code is repeated, for an answer of upstream may carry anything: words in capitals
 * as AWS writes them, or Node's and undici's own. A secret has digits or signs in it.
 */
const CODE = /^(?:[A-Z][A-Za-z]{2,47}|[A-Z]{2,}(?:_[A-Z0-9]+)*)$/;

/** The parts of an SDK error that are looked at. Each may be missing or of another type. */
interface Thrown {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly statusCode?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown };
  readonly $response?: { readonly headers?: Headers };
  readonly syscall?: unknown;
  readonly path?: unknown;
  readonly hostname?: unknown;
  readonly host?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
}

/**
 * Turns whatever a provider threw into a class and a safe sentence. `now` in ms; `signedOffsetMs` is how far ahead of it
 * the request was signed.
 */
export function classify(thrown: unknown, now: number, signedOffsetMs = 0): UpstreamFailure {
  if (thrown instanceof UpstreamFailure) return thrown;
  const chain = causes(thrown);
  const codes = chain.flatMap(codesOf);
  const status = chain.map(statusOf).find((found) => found !== undefined);
  const clockOffset = chain.map((link) => offsetOf(link, now)).find((found) => found !== undefined);
  const circumstances = {
    message: chain.map(({ message }) => textOf(message)).join("\n"),
    syscall: textOf(chain.find(({ syscall }) => textOf(syscall) !== "")?.syscall),
    isClockOff: clockOffset !== undefined && isSkewed((clockOffset - signedOffsetMs) / SECOND),
  };
  const kind = kindOf(codes, status, chain, circumstances);
  return new UpstreamFailure(kind, sentence(kind, codes[0], status), {
    upstreamCode: codes[0],
    clockOffset,
    retryAfterMs: chain.map((link) => retryAfterMs(headersOf(link), now)).find((found) => found !== undefined),
    subject: subjectOf(chain),
  });
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
    (text): text is string => typeof text === "string" && (CODE.test(text) || isKnown(text)) && !GENERIC.has(text),
  );
}

/**
 * The container and SSO providers keep what they wrap only in their message, beside whatever else is there: a network
 * error's code anywhere, a service's at the beginning.
 */
function knownCodeIn(message: string): string | undefined {
  const words = [...(message.match(/\b(?:E|UND_ERR_)[A-Z_]{4,}\b/g) ?? []), /^(\w+): /.exec(message)?.[1] ?? ""];
  return words.find(isKnown);
}

/** A few codes have digits in them (`EC2ThrottledException`). */
function isKnown(code: string): boolean {
  return kindOfCode(code, { message: "", syscall: "", isClockOff: false }) !== undefined;
}

function statusOf({ statusCode, $metadata, message }: Thrown): number | undefined {
  const reported = statusCode ?? $metadata?.httpStatusCode;
  if (typeof reported === "number") return reported;
  // The container provider puts the status only into its message.
  const [, inMessage] = /^(?:\w*Error: )*Server responded with status: (\d{3})$/.exec(textOf(message)) ?? [];
  return inMessage === undefined ? undefined : Number(inMessage);
}

function headersOf({ $response }: Thrown): Headers {
  return $response?.headers ?? {};
}

function offsetOf(link: Thrown, now: number): number | undefined {
  const date = Date.parse(headersOf(link).date ?? "");
  return Number.isNaN(date) ? undefined : date - now;
}

function kindOf(
  codes: readonly string[],
  status: number | undefined,
  chain: readonly Thrown[],
  circumstances: Circumstances,
): FailureKind {
  // The first that is known: the transport calls a closed socket a time-out by name, and keeps its code.
  const byCode = codes.map((code) => kindOfCode(code, circumstances)).find((kind) => kind !== undefined);
  if (byCode !== undefined) return byCode;
  if (chain.some(({ message }) => /^TimeoutError\b/.test(textOf(message)))) return "timeout";
  if (status !== undefined && status >= 400) return kindOfStatus(status);
  const byMessage = messageKinds.find(([pattern]) => chain.some(({ message }) => pattern.test(textOf(message))));
  if (byMessage !== undefined) return byMessage[1];
  if (status !== undefined || chain.some(({ name }) => name === "SyntaxError")) return "malformed";
  return chain.some(({ name }) => name === "CredentialsProviderError") ? "not-configured" : "malformed";
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

function sentence(kind: FailureKind, code: string | undefined, status: number | undefined): string {
  const facts = [code, status === undefined ? undefined : `HTTP ${status}`].filter((fact) => fact !== undefined);
  const words = classOf(kind).sentence;
  return facts.length === 0 ? words : `${words} (${facts.join(", ")})`;
}

/** From the fields of Node's errors; nothing that does not look like a path or a host. */
function subjectOf(chain: readonly Thrown[]): Subject {
  const path = chain.map(({ path }) => textOf(path)).find((text) => /^[\x21-\x7e]{1,300}$/.test(text));
  const host = chain.map(hostOf).find((text) => /^[\w.:[\]-]{1,253}$/.test(text));
  return { path, host };
}

function hostOf({ hostname, host, address, port }: Thrown): string {
  const name = textOf(hostname) || textOf(host) || textOf(address);
  const bracketed = name.includes(":") ? `[${name}]` : name;
  return name !== "" && typeof port === "number" ? `${bracketed}:${port}` : name;
}
