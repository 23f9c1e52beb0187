/** No client sends more than about twenty. Each costs far more memory as two strings than as bytes. */
export const MAX_HEADERS = 100;

/** The request line and the empty one at the end. */
const LINES_BESIDE = 2;

/** Heads up to this length are not worth counting their lines: Node may keep as many headers as they have. */
const SHORT_BYTES = 1_024;

const END = Buffer.from("\r\n\r\n");
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** Node's parser, made for streaming media too, reads both as it reads HTTP. */
const OTHER_PROTOCOL = / (?:RTSP|ICE)\/\d\.\d\r$/;
const NOTHING = Buffer.alloc(0);
/** The letter that most first lines have in the place of RTSP's. */
const HTTP = "H".charCodeAt(0);
const VERSION_BYTES = " RTSP/1.0\r".length;

/**
 * Finds where the heads of requests end, in bytes that may be cut anywhere, and what Node's parser does not report of
 * them. Reading them is left to that parser.
 */
export class HeadScanner {
  /** How many bytes of {@link END} the last bytes were. */
  #matched = 0;
  #lines = 0;
  /** How the first line of the head ended so far; undefined when it was seen whole. */
  #line: Buffer | undefined = NOTHING;
  #otherProtocol = false;
  #tooLong = false;

  /** The next byte is the first of a request. */
  get isAtStart(): boolean {
    return this.#line === NOTHING && this.#lines === 0 && this.#matched === 0;
  }

  /** The head, of which the last bytes were a part, has more lines than it may, or so many already. */
  get isTooLong(): boolean {
    return this.#tooLong;
  }

  /** The first line names a protocol that is not HTTP. */
  get isOtherProtocol(): boolean {
    return this.#otherProtocol;
  }

  /** How many of the next bytes belong to the head: all of them when its end is not among them. */
  lengthIn(bytes: Buffer): number {
    if (this.#line !== undefined) this.#scanLine(this.#line, bytes);
    const end = this.#endIn(bytes);
    const length = end ?? bytes.length;
    if (this.#lines > 0 || length > SHORT_BYTES || end === undefined) this.#lines += linesIn(bytes, length);
    this.#tooLong = this.#lines > MAX_HEADERS + LINES_BESIDE;
    if (end === undefined) {
      this.#matched = matchedAtEnd(Buffer.concat([END.subarray(0, this.#matched), bytes.subarray(-END.length)]));
    } else {
      this.#matched = 0;
      this.#lines = 0;
      this.#line = NOTHING;
    }
    return length;
  }

  #scanLine(before: Buffer, bytes: Buffer): void {
    let start = 0;
    // The parser skips empty lines before a request.
    while (before.length === 0 && (bytes[start] === CARRIAGE_RETURN || bytes[start] === LINE_FEED)) start += 1;
    const at = bytes.indexOf(LINE_FEED, start);
    if (at - start >= VERSION_BYTES && bytes[at - VERSION_BYTES + 1] === HTTP) {
      this.#line = undefined;
      this.#otherProtocol = false;
      return;
    }
    const end = at < 0 ? bytes.length : at;
    const part = bytes.subarray(Math.max(start, end - VERSION_BYTES), end);
    // A copy, for a slice would keep alive all that was read with it.
    const line = part.length < VERSION_BYTES || at < 0 ? Buffer.concat([before, part]).subarray(-VERSION_BYTES) : part;
    this.#line = at < 0 ? line : undefined;
    this.#otherProtocol = at >= 0 && line[1] !== HTTP && OTHER_PROTOCOL.test(line.toString("latin1"));
  }

  #endIn(bytes: Buffer): number | undefined {
    const missing = END.length - this.#matched;
    if (this.#matched > 0 && bytes.subarray(0, missing).equals(END.subarray(this.#matched))) return missing;
    const at = bytes.indexOf(END);
    return at < 0 ? undefined : at + END.length;
  }
}

function linesIn(bytes: Buffer, length: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0 && at < length; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1;
  return lines;
}

function matchedAtEnd(bytes: Buffer): number {
  for (let count = END.length - 1; count > 0; count -= 1) {
    if (bytes.subarray(-count).equals(END.subarray(0, count))) return count;
  }
  return 0;
}
