/** The guards, which run on every path and method before anything else. Pure. */

import type { Refusal } from "../refusals.ts";
import { isLinkLocal, isLoopback } from "../settings/addresses.ts";
import type { ListenAddress } from "../settings/values.ts";
import { type ForeignHeader, foreignHeader } from "./foreign-headers.ts";

/** What the sidecar reads in a request's headers. */
export interface Headers {
  host: string | undefined;
  authorization: string | undefined;
  userAgent: string | undefined;
  accept: string | undefined;
  sdkRequest: boolean;
  sessionToken: string | undefined;
  sessionTokenTtl: string | undefined;
  /** `chunked`: its length is not known before its end, and may be zero. */
  body: "none" | "chunked" | "sized";
  /** The first header that no AWS SDK sends: a proxy's or a browser's. */
  foreign: { readonly kind: ForeignHeader; readonly name: string } | undefined;
  /** `Host` or `Authorization` twice: servers do not agree on which one counts. */
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
    body: "none",
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
      if (value !== "0") headers.body = "sized";
      return;
    case "transfer-encoding":
      if (headers.body === "none") headers.body = "chunked";
      return;
    default:
      noteForeign(headers, name);
  }
}

function noteForeign(headers: Headers, name: string): void {
  const kind = foreignHeader(name);
  if (kind !== undefined) headers.foreign ??= { kind, name: name.slice(0, MAX_SHOWN_NAME) };
}

/** The longest header name in the log: the caller chooses its length. */
const MAX_SHOWN_NAME = 40;

/** The hosts that a request may name: the addresses of the listeners, with any port. */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>;
  /** `Host` values seen and allowed; bounded, because the caller chooses the port. */
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

/** An address that is not local has a token, and is reached through the client's own loopback too (`docker run -p`). */
function namesOf({ host }: ListenAddress): readonly string[] {
  if (host === undefined) return [...LOOPBACK_NAMES, ...LINK_LOCAL_NAMES];
  if (isLinkLocal(host)) return [host.toLowerCase()];
  return isLoopback(host) ? [host.toLowerCase(), ...LOOPBACK_NAMES] : [...LOOPBACK_NAMES, ...LINK_LOCAL_NAMES];
}

const AMBIGUOUS: Refusal = {
  reason: "malformed",
  message: "Host and Authorization may be sent once only",
  fault: "repeated-header",
};
const HOST: Refusal = { reason: "host" };
const TARGET: Refusal = { reason: "target" };
const BODY: Refusal = { reason: "body" };

/** s3fs 1.91 sends an empty body in chunks when it asks for a session. */
const MAY_BE_CHUNKED: readonly string[] = ["/latest/api/token", "//latest/api/token"];

/** The reason to refuse a request before its path is looked at; undefined when it passes. */
export function guard(headers: Headers, target: string, hosts: AllowedHosts): Refusal | undefined {
  if (headers.foreign !== undefined) return { reason: headers.foreign.kind, header: headers.foreign.name };
  if (headers.ambiguous) return AMBIGUOUS;
  if (headers.host === undefined || !hosts.allows(headers.host)) return HOST;
  if (!target.startsWith("/")) return TARGET;
  if (headers.body === "none" || (headers.body === "chunked" && MAY_BE_CHUNKED.includes(target))) return undefined;
  return BODY;
}
