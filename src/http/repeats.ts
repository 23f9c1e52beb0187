/**
 * Requests that a client repeats on its connection, byte for byte, as one in a refresh storm does. What Node's parser
 * made of the bytes is remembered, so that they are not parsed again; all that is behind the parser, the guards first,
 * runs as for any other request. Pure.
 *
 * A connection remembers its own last request alone: to compare what a peer sends with what another has sent would tell
 * it, by the time which that takes, of the other's token.
 */
import type { IncomingMessage } from "node:http";

/** What the credential listener looks at. */
export type Asked = Pick<IncomingMessage, "method" | "url" | "rawHeaders" | "socket">;

/** What one connection may remember: requests of SDKs have 100 to 600 bytes, and a token a few hundred more. */
const MAX_REPEATED_BYTES = 2_048;

export interface Repeatable {
  readonly request: Asked;
  readonly bytes: Buffer;
}

/** Headers that make a request more than its head, or its answer the last or other than usual. */
const UNUSUAL: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "transfer-encoding",
  "upgrade",
]);

/** What to remember of a request that came as these bytes and nothing else; undefined when it is not a plain GET. */
export function repeatable(
  { method, url, rawHeaders, socket, httpVersion }: Asked & Pick<IncomingMessage, "httpVersion">,
  bytes: Buffer,
): Repeatable | undefined {
  if (method !== "GET" || httpVersion !== "1.1" || bytes.length > MAX_REPEATED_BYTES) return undefined;
  if (rawHeaders.some((name, index) => index % 2 === 0 && UNUSUAL.has(name.toLowerCase()))) return undefined;
  // A copy of its own: these bytes are a slice of all that was read at once.
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return { request: { method, url, rawHeaders, socket } as Asked, bytes: copy };
}

/** What one connection remembers. */
export class LastRequest {
  #count = 0;
  #bytes: Buffer | undefined;
  #repeatable: Repeatable | undefined;

  /** These bytes are about to be parsed: a whole request and nothing else, or undefined. */
  onBytes(whole: Buffer | undefined): void {
    this.#bytes = whole;
  }

  onParsed(): void {
    this.#count += 1;
    this.#repeatable = undefined;
  }

  /** Not the first request of a connection: the connections of many clients have no other. */
  onServed(request: IncomingMessage): void {
    if (this.#count > 1 && this.#bytes !== undefined) this.#repeatable = repeatable(request, this.#bytes);
  }

  /** The last request, when these bytes are that again. */
  in(bytes: Buffer): Asked | undefined {
    return this.#repeatable?.bytes.equals(bytes) ? this.#repeatable.request : undefined;
  }
}
