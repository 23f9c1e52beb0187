/** Where heads end does not depend on how their bytes arrive. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { HeadScanner, MAX_HEADERS } from "../../src/http/head-scanner.ts";
import { runs } from "../support/properties.ts";

/** What ends heads, nearly ends them, and stands between. */
const parts = fc.array(fc.constantFrom("\r\n\r\n", "\r\n", "\r", "\n", "a", "GET / HTTP/1.1", " RTSP/1.0"), {
  maxLength: 24,
});

/** The bytes in pieces of the given lengths, and then the rest. */
function cut(bytes: Buffer, lengths: readonly number[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let start = 0;
  for (const length of lengths) {
    pieces.push(bytes.subarray(start, start + length));
    start += length;
  }
  return [...pieces, bytes.subarray(start)].filter(({ length }) => length > 0);
}

interface Scanned {
  /** Where heads end, counted from the first byte of all. */
  readonly ends: readonly number[];
  readonly otherProtocol: boolean;
}

function scan(pieces: readonly Buffer[], total: string): Scanned {
  const scanner = new HeadScanner();
  const ends: number[] = [];
  let at = 0;
  let otherProtocol = false;
  for (const piece of pieces) {
    let rest = piece;
    while (rest.length > 0) {
      const length = scanner.lengthIn(rest);
      assert.ok(length > 0 && length <= rest.length);
      otherProtocol ||= scanner.isOtherProtocol;
      at += length;
      rest = rest.subarray(length);
      if (total.slice(ends.at(-1) ?? 0, at).endsWith("\r\n\r\n")) ends.push(at);
    }
  }
  return { ends, otherProtocol };
}

suite("the scanner of heads", () => {
  test("finds the same ends and protocols however the bytes are cut", () => {
    fc.assert(
      fc.property(parts, fc.array(fc.integer({ min: 1, max: 9 })), (texts, lengths) => {
        const total = texts.join("");
        const bytes = Buffer.from(total, "latin1");
        const whole = scan([bytes], total);
        assert.deepEqual(scan(cut(bytes, lengths), total), whole);
        assert.equal(whole.ends.length, total.split("\r\n\r\n").length - 1, "each end is found");
      }),
      runs(2_000),
    );
  });

  test("gives one head at a time, and all bytes of one that goes on", () => {
    const scanner = new HeadScanner();
    assert.equal(scanner.lengthIn(Buffer.from("one\r\n\r\ntwo\r\n\r\n")), 7);
    assert.equal(scanner.lengthIn(Buffer.from("two\r\n\r")), 6);
    assert.equal(scanner.lengthIn(Buffer.from("\nthree\r\n\r\n")), 1);
  });

  test("says when the lines of a head are too many, in one piece and though it does not end", () => {
    const line = "A: 0123456789\r\n";
    const head = (headers: number) => Buffer.from(`GET / HTTP/1.1\r\n${line.repeat(headers)}\r\n`);
    const whole = new HeadScanner();
    whole.lengthIn(head(MAX_HEADERS));
    assert.ok(!whole.isTooLong);
    whole.lengthIn(head(MAX_HEADERS + 1));
    assert.ok(whole.isTooLong);
    whole.lengthIn(head(MAX_HEADERS));
    assert.ok(!whole.isTooLong, "each head is counted by itself");
    const slow = new HeadScanner();
    for (let count = 0; count < MAX_HEADERS + 2; count += 1) slow.lengthIn(Buffer.from(line));
    assert.ok(!slow.isTooLong);
    slow.lengthIn(Buffer.from(line));
    assert.ok(slow.isTooLong);
  });

  const lines = [
    ["GET / RTSP/1.0\r\n", true],
    ["\r\nGET / RTSP/1.0\r\n", true],
    ["SOURCE / ICE/1.0\r\n", true],
    ["GET / HTTP/1.0\r\n", false],
    ["GET /RTSP/1.0 HTTP/1.1\r\n", false],
    ["GET / HTTP/1.1\r\nX: y RTSP/1.0\r\n", false],
  ] as const;
  for (const [text, expected] of lines) {
    test(`takes ${JSON.stringify(text)} for ${expected ? "another protocol" : "HTTP"}, byte by byte too`, () => {
      const [whole, slow] = [new HeadScanner(), new HeadScanner()];
      whole.lengthIn(Buffer.from(text));
      assert.equal(whole.isOtherProtocol, expected);
      const seen = [...Buffer.from(text)].map((byte) => {
        slow.lengthIn(Buffer.from([byte]));
        return slow.isOtherProtocol;
      });
      assert.equal(seen.includes(true), expected);
    });
  }
});
