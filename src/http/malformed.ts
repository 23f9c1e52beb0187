/** Answers to bytes that are not a request which can be served. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { LINGER_MS } from "./connection.ts";
import { type Answer, renderError } from "./documents.ts";
import { MAX_HEADERS } from "./head-scanner.ts";

/** The header of an answer after which the connection ends. */
export const CLOSE = ["Connection", "close"] as const;
const TOO_LARGE = `the headers are larger than 8 KiB or more than ${MAX_HEADERS}`;
const OTHER_VERSION = "only HTTP/1.0 and HTTP/1.1 are served";

const byteFaults: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, TOO_LARGE],
  OTHER_PROTOCOL: [505, OTHER_VERSION],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request did not arrive within 2 s"],
};

/**
 * Answers bytes that Node's parser could not read, and ends the connection. Returns false when no answer can be written:
 * the peer has gone, or an earlier part of the same bytes was refused already.
 */
export function refuseBytes(code: string | undefined, socket: Socket): boolean {
  if (!socket.writable || code === "ECONNRESET") {
    socket.destroy();
    return false;
  }
  const [status, message] = byteFaults[code ?? ""] ?? ([400, "the request cannot be read"] as const);
  const { headers, body } = renderError(status, "MalformedRequest", message, CLOSE);
  const lines = headers.flatMap((text, index) => (index % 2 === 0 ? [`${text}: ${headers[index + 1]}`] : []));
  socket.setTimeout(LINGER_MS);
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
  return true;
}

interface Malformed {
  /** A stable word. */
  readonly fault: string;
  readonly answer: Answer;
}

const tooManyHeaders: Malformed = {
  fault: "TOO_MANY_HEADERS",
  answer: renderError(431, "MalformedRequest", TOO_LARGE, CLOSE),
};
const otherVersion: Malformed = {
  fault: "OTHER_VERSION",
  answer: renderError(505, "MalformedRequest", OTHER_VERSION, CLOSE),
};

/**
 * What Node's parser lets pass, but must not be served: HTTP/0.9 and HTTP/2.0 in a request line, and more headers than
 * Node keeps.
 */
export function malformedRequest({ httpVersion, rawHeaders }: IncomingMessage): Malformed | undefined {
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return otherVersion;
  return rawHeaders.length > 2 * MAX_HEADERS ? tooManyHeaders : undefined;
}
