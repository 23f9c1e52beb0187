/** Who may ask at all. Pure; runs on every path and method before anything else. */

import type { RefusalReason } from "../refusals.ts";
import { isLinkLocal, isLoopback } from "../settings/addresses.ts";
import type { ListenAddress } from "../settings/values.ts";

export interface Refusal {
  readonly reason: RefusalReason;
  readonly status: number;
  readonly message: string;
}

/** What a request's headers say, as far as anybody here asks. */
export interface Headers {
  host: string | undefined;
  authorization: string | undefined;
  userAgent: string | undefined;
  accept: string | undefined;
  sdkRequest: boolean;
  sessionToken: string | undefined;
  sessionTokenTtl: string | undefined;
  hasBody: boolean;
  /** A header that no AWS SDK sends: a proxy's or a browser's. */
  foreign: "forwarded" | "browser" | undefined;
  /** `Host` or `Authorization` twice: which one would count is a matter of taste. */
  ambiguous: boolean;
}

/** Node's flat list of names and values, read in one pass: this is the hot path. */
export function readHeaders(raw: readonly string[]): Headers {
  const headers: Headers = {
    host: undefined,
    authorization: undefined,
    userAgent: undefined,
    accept: undefined,
    sdkRequest: false,
    sessionToken: undefined,
    sessionTokenTtl: undefined,
    hasBody: false,
    foreign: undefined,
    ambiguous: false,
  };
  for (let index = 0; index < raw.length; index += 2) note(headers, raw[index] ?? "", raw[index + 1] ?? "");
  return headers;
}

function note(headers: Headers, given: string, value: string): void {
  const name = given.toLowerCase();
  switch (name) {
    case "host":
      headers.ambiguous ||= headers.host !== undefined;
      headers.host = value;
      return;
    case "authorization":
      headers.ambiguous ||= headers.authorization !== undefined;
      headers.authorization = value;
      return;
    case "user-agent":
      headers.userAgent = value;
      return;
    case "accept":
      headers.accept = value;
      return;
    case "amz-sdk-request":
      headers.sdkRequest = true;
      return;
    case "x-aws-ec2-metadata-token":
      headers.sessionToken = value;
      return;
    case "x-aws-ec2-metadata-token-ttl-seconds":
      headers.sessionTokenTtl = value;
      return;
    case "content-length":
      headers.hasBody ||= value !== "0";
      return;
    case "transfer-encoding":
      headers.hasBody = true;
      return;
    default:
      headers.foreign ??= foreignMark(name);
  }
}

/** IMDSv2 refuses forwarded requests, and browsers send `Origin` or `Sec-Fetch-*` where a page asks. */
function foreignMark(name: string): Headers["foreign"] {
  if (name === "forwarded" || name === "via" || name === "x-real-ip" || name.startsWith("x-forwarded")) {
    return "forwarded";
  }
  return name === "origin" || name.startsWith("sec-fetch-") ? "browser" : undefined;
}

/** The hosts that a request may name: those that the listeners stand for, whatever the port. */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>;
  /** `Host` values seen and allowed; bounded, for the port is the caller's to choose. */
  readonly #seen = new Set<string>();

  constructor(listen: readonly ListenAddress[]) {
    this.#names = new Set(listen.flatMap(namesOf));
  }

  allows(host: string): boolean {
    if (this.#seen.has(host)) return true;
    const [, bracketed, plain] = /^(?:\[([\da-fA-F.]*:[\da-fA-F:.]*)\]|([\w.-]+))(?::\d{1,5})?$/.exec(host) ?? [];
    const name = (bracketed ?? plain ?? "").toLowerCase();
    if (!this.#names.has(name)) return false;
    if (this.#seen.size < MAX_SEEN_HOSTS) this.#seen.add(host);
    return true;
  }
}

const MAX_SEEN_HOSTS = 64;

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "::1"];
/** Where ECS, EKS and EC2 serve credentials. */
const LINK_LOCAL_NAMES = ["169.254.170.2", "169.254.170.23", "169.254.169.254", "fd00:ec2::23", "fd00:ec2::254"];

/** An open address has a token, and is reached by the client's own loopback too (`docker run -p`). */
function namesOf({ host }: ListenAddress): readonly string[] {
  if (host === undefined) return [...LOOPBACK_NAMES, ...LINK_LOCAL_NAMES];
  if (isLinkLocal(host)) return [host.toLowerCase()];
  return isLoopback(host) ? [host.toLowerCase(), ...LOOPBACK_NAMES] : [...LOOPBACK_NAMES, ...LINK_LOCAL_NAMES];
}

const FORWARDED = refusal("forwarded", 400, "forwarded requests are refused: ask from inside the pod, past no proxy");
const BROWSER = refusal(
  "browser",
  403,
  "requests with a browser's marks (Origin, Sec-Fetch-*) are refused; fetch() of Node sends one too",
);
const AMBIGUOUS = refusal("malformed", 400, "Host and Authorization may be sent once only");
const HOST = refusal("host", 403, "Host must be the loopback or link-local address that the sidecar listens on");
const TARGET = refusal("target", 400, "the request target must be a path");
const BODY = refusal("body", 400, "requests with a body are refused");

/** Why a request is refused whatever it asks for, or undefined when it may go on. */
export function guard(headers: Headers, target: string, hosts: AllowedHosts): Refusal | undefined {
  if (headers.foreign !== undefined) return headers.foreign === "forwarded" ? FORWARDED : BROWSER;
  if (headers.ambiguous) return AMBIGUOUS;
  if (headers.host === undefined || !hosts.allows(headers.host)) return HOST;
  if (!target.startsWith("/")) return TARGET;
  return headers.hasBody ? BODY : undefined;
}

function refusal(reason: RefusalReason, status: number, message: string): Refusal {
  return { reason, status, message };
}
