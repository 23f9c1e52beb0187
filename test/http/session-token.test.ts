import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionTokens } from "../../src/http/session-token.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { fakeEdge } from "../support/fake-edge.ts";

function opened(clock = new FakeClock()): SessionTokens {
  return new SessionTokens(fakeEdge({ clock }));
}

function issued(tokens: SessionTokens, ttl = "60"): string {
  const token = tokens.issue(ttl);
  assert.ok(token !== undefined);
  return token;
}

for (const ttl of ["1", "60", "21600", "00060"]) {
  test(`issues a token for ${ttl} s, for that long to the millisecond`, async () => {
    const clock = new FakeClock();
    const tokens = opened(clock);
    const token = issued(tokens, ttl);
    await clock.advance(Number(ttl) * 1_000 - 1);
    assert.equal(tokens.isValid(token), true);
    await clock.advance(1);
    assert.equal(tokens.isValid(token), false);
  });
}

for (const ttl of [
  undefined,
  "",
  "0",
  "00000",
  "21601",
  "99999",
  "100000",
  "-1",
  "+60",
  "60.0",
  "6e1",
  "0x3c",
  " 60",
  "60 ",
  "60s",
  "60,60",
  "٦٠",
  "NaN",
  "Infinity",
]) {
  test(`issues no token for ${JSON.stringify(ttl)}`, () => {
    assert.equal(opened().issue(ttl), undefined);
  });
}

test("ends a token by the wall clock, when that jumps too", () => {
  const clock = new FakeClock();
  const tokens = opened(clock);
  const token = issued(tokens);
  clock.jump(60_000);
  assert.equal(tokens.isValid(token), false);
  clock.jump(-1);
  assert.equal(tokens.isValid(token), true);
});

test("issues tokens that fit into a header as they are", () => {
  assert.match(issued(opened()), /^[\w-]{43}$/);
});

/** The token's bytes: 8 of expiry, 24 of proof. */
function changed(token: string, change: (bytes: Buffer) => Buffer): string {
  return change(Buffer.from(token, "base64url")).toString("base64url");
}

test("refuses a token of which any byte was changed", () => {
  const tokens = opened();
  const token = issued(tokens);
  for (let index = 0; index < 32; index += 1) {
    const tampered = changed(token, (bytes) => {
      bytes[index] = (bytes[index] ?? 0) ^ 1;
      return bytes;
    });
    assert.equal(tokens.isValid(tampered), false, `byte ${index}`);
  }
});

test("refuses a token whose end was put off", () => {
  const tokens = opened();
  const later = changed(issued(tokens), (bytes) => {
    bytes.writeDoubleBE(bytes.readDoubleBE() + 1);
    return bytes;
  });
  assert.equal(tokens.isValid(later), false);
});

const forged: readonly (readonly [name: string, change: (token: string) => string])[] = [
  ["nothing", () => ""],
  ["the word INVALID, by which fluent-bit asks for the version", () => "INVALID"],
  ["half of one", (token) => token.slice(0, 20)],
  ["one a byte too long", (token) => changed(token, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]))],
  ["one a byte too short", (token) => changed(token, (bytes) => bytes.subarray(0, 31))],
  ["two of them", (token) => token + token],
  ["zeros", () => Buffer.alloc(32).toString("base64url")],
  ["an expiry that is no number", () => Buffer.alloc(32, 0xff).toString("base64url")],
  ["no base64", () => "é".repeat(43)],
  ["8 KB of letters", () => "A".repeat(8_192)],
];

for (const [name, change] of forged) {
  test(`refuses ${name}`, () => {
    const tokens = opened();
    assert.equal(tokens.isValid(change(issued(tokens))), false);
  });
}

test("refuses the tokens of another process", () => {
  const edge = fakeEdge();
  const [before, after] = [new SessionTokens(edge), new SessionTokens(edge)];
  const token = issued(before);
  assert.equal(before.isValid(token), true);
  assert.equal(after.isValid(token), false);
});
