import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCredentials, type ProvidedCredentials } from "../src/credentials.ts";
import { HOUR, SECOND } from "../src/time.ts";
import { EPOCH } from "./support/fake-clock.ts";

const CANARY = "canary-5f1e";
const EXPIRATION = EPOCH + HOUR;
const TEMPORARY = { roleArn: undefined, unlimitedAllowed: false };
const STATIC = { roleArn: undefined, unlimitedAllowed: true };

const good = {
  accessKeyId: "ASIAFAKE000000000001",
  secretAccessKey: "fake/secret+key=",
  sessionToken: "fake//session+token==",
  expiration: new Date(EXPIRATION),
} satisfies ProvidedCredentials;

/** Texts that no client could be given, whatever the field. */
const unservable: readonly (readonly [what: string, text: unknown])[] = [
  ["a number", 42],
  ["null", null],
  ["an object", { toString: () => CANARY }],
  ["a double quote", `${CANARY}"000000000000`],
  ["a backslash", `${CANARY}\\000000000000`],
  ["a newline at its end", `${CANARY}000000000000\n`],
  ["a carriage return", `${CANARY}\r000000000000`],
  ["a space", `${CANARY} 000000000000`],
  ["a tab", `${CANARY}\t000000000000`],
  ["a NUL", `${CANARY}\x00000000000000`],
  ["a DEL", `${CANARY}\x7f000000000000`],
  ["a letter beyond ASCII", `${CANARY}é000000000000`],
  ["an emoji", `${CANARY}🔑000000000000`],
  ["ten megabytes", CANARY.repeat(1_000_000)],
];

const unreadableDates: readonly (readonly [what: string, value: unknown])[] = [
  ["an invalid Date", new Date(CANARY)],
  ["a string that is a date", "2026-01-01T01:00:00Z"],
  ["seconds since the epoch", EXPIRATION / SECOND],
  ["null", null],
  ["an object with getTime", { getTime: () => EXPIRATION }],
];

interface Malformed {
  readonly name: string;
  readonly given: ProvidedCredentials;
  readonly fault: string;
}

const { expiration: _, ...withoutExpiration } = good;

const malformed: readonly Malformed[] = [
  { name: "an empty answer", given: {}, fault: "access key ID" },
  { name: "an empty access key ID", given: { ...good, accessKeyId: "" }, fault: "access key ID" },
  { name: "a missing access key ID", given: { ...good, accessKeyId: undefined }, fault: "access key ID" },
  { name: "129 characters of access key ID", given: { ...good, accessKeyId: "A".repeat(129) }, fault: "access key ID" },
  { name: "an empty secret", given: { ...good, secretAccessKey: "" }, fault: "secret access key" },
  { name: "a missing secret", given: { ...good, secretAccessKey: undefined }, fault: "secret access key" },
  {
    name: "513 characters of secret",
    given: { ...good, secretAccessKey: "s".repeat(513) },
    fault: "secret access key",
  },
  { name: "65537 characters of token", given: { ...good, sessionToken: "t".repeat(65_537) }, fault: "session token" },
  ...["/", ",", "="].map((sign) => ({
    name: `${sign} in the access key ID, which ends it in a signature`,
    given: { ...good, accessKeyId: `key${sign}id` },
    fault: "access key ID",
  })),
  { name: "no expiration where sessions have one", given: withoutExpiration, fault: "expiration" },
  ...unservable.flatMap(([what, text]): readonly Malformed[] => [
    { name: `${what} in the access key ID`, given: { ...good, accessKeyId: text }, fault: "access key ID" },
    { name: `${what} in the secret`, given: { ...good, secretAccessKey: text }, fault: "secret access key" },
    { name: `${what} in the token`, given: { ...good, sessionToken: text }, fault: "session token" },
  ]),
  ...unreadableDates.flatMap(([what, value]): readonly Malformed[] => [
    { name: `${what} as expiration`, given: { ...good, expiration: value }, fault: "expiration" },
  ]),
  { name: "an unreadable original expiration", given: { ...good, originalExpiration: "soon" }, fault: "expiration" },
];

for (const { name, given, fault } of malformed) {
  test(`finds fault with ${name}, and tells none of it`, () => {
    assert.deepEqual(checkCredentials(given, TEMPORARY), { kind: "malformed", fault });
  });
}

function checked(given: ProvidedCredentials, expected: Parameters<typeof checkCredentials>[1] = TEMPORARY) {
  const result = checkCredentials(given, expected);
  assert.equal(result.kind, "ok");
  return result.credentials;
}

test("takes a session as it is", () => {
  assert.deepEqual(checked(good), {
    accessKeyId: good.accessKeyId,
    secretAccessKey: good.secretAccessKey,
    sessionToken: good.sessionToken,
    lifetime: { kind: "until", expiration: EXPIRATION },
    accountId: undefined,
    roleArn: undefined,
  });
});

test("takes the longest strings that clients can hold", () => {
  const longest = { accessKeyId: "A".repeat(128), secretAccessKey: "s".repeat(512), sessionToken: "t".repeat(65_536) };
  const { accessKeyId, secretAccessKey, sessionToken } = checked({ ...good, ...longest });
  assert.deepEqual({ accessKeyId, secretAccessKey, sessionToken }, longest);
});

for (const accessKeyId of ["test", "minioadmin", "my-app.key_1", "AKIA0000000000000000", "GOOG1EFAKE@example"]) {
  test(`takes the access key ID ${accessKeyId}`, () => {
    assert.equal(checked({ ...good, accessKeyId }).accessKeyId, accessKeyId);
  });
}

test("takes every visible ASCII character but the quote and the backslash", () => {
  const visible = Array.from({ length: 0x7e - 0x21 + 1 }, (_unused, index) => String.fromCharCode(0x21 + index));
  const plain = visible.filter((character) => character !== '"' && character !== "\\").join("");
  assert.equal(checked({ ...good, sessionToken: plain }).sessionToken, plain);
});

test("takes static keys without token and expiration where they are allowed", () => {
  const { sessionToken, lifetime } = checked({ ...withoutExpiration, sessionToken: undefined }, STATIC);
  assert.deepEqual({ sessionToken, lifetime }, { sessionToken: "", lifetime: { kind: "unlimited" } });
});

test("takes a session token without an expiration for a session whose end is unknown, where that is allowed", () => {
  assert.deepEqual(checked(withoutExpiration, STATIC).lifetime, { kind: "unknown" });
});

const roleNames = [
  { roleName: "app-role_1+=,.@", expected: "app-role_1+=,.@" },
  { roleName: "r".repeat(64), expected: "r".repeat(64) },
  { roleName: "r".repeat(65), expected: undefined },
  { roleName: "<html>", expected: undefined },
  { roleName: "", expected: undefined },
  { roleName: 1, expected: undefined },
  { roleName: undefined, expected: undefined },
];

for (const { roleName, expected } of roleNames) {
  test(`takes ${JSON.stringify(roleName)?.slice(0, 20)} for ${expected === undefined ? "no role's name" : "the role's name"}`, () => {
    assert.equal(checked({ ...good, roleName }).roleName, expected);
  });
}

test("marks what a program printed", () => {
  assert.equal(checked(good, { ...STATIC, fromProgram: true }).fromProgram, true);
  assert.equal("fromProgram" in checked(good, { ...STATIC, fromProgram: false }), false);
});

test("keeps the expiration of temporary keys where static ones are allowed", () => {
  assert.deepEqual(checked(good, STATIC).lifetime, { kind: "until", expiration: EXPIRATION });
});

test("finds fault with an unreadable expiration where static keys are allowed", () => {
  for (const [, value] of unreadableDates) {
    assert.deepEqual(checkCredentials({ ...good, expiration: value }, STATIC), {
      kind: "malformed",
      fault: "expiration",
    });
  }
});

test("takes the real expiration when the IMDS provider moved it ahead", () => {
  const moved = { ...good, expiration: new Date(EXPIRATION + 900_000), originalExpiration: new Date(EXPIRATION) };
  assert.deepEqual(checked(moved).lifetime, { kind: "until", expiration: EXPIRATION });
});

const ROLE = "arn:aws:iam::123456789012:role/app";
const accounts = [
  { name: "upstream's own word", accountId: "210987654321", roleArn: ROLE, expected: "210987654321" },
  { name: "the role's ARN without upstream's word", accountId: undefined, roleArn: ROLE, expected: "123456789012" },
  {
    name: "the role's ARN when upstream's word is no account",
    accountId: "12",
    roleArn: ROLE,
    expected: "123456789012",
  },
  { name: "the role's ARN when upstream's word is a number", accountId: 1, roleArn: ROLE, expected: "123456789012" },
  { name: "nobody when neither tells", accountId: "", roleArn: undefined, expected: undefined },
];

const served = [
  "arn:aws:iam::123456789012:role/team/orders",
  "arn:aws-us-gov:sts::123456789012:assumed-role/orders/pod-1",
  // MinIO's, whose parts mean nothing.
  "arn:minio:iam:::role/idmp-orders",
];

for (const roleArn of served) {
  test(`keeps the role ${roleArn}`, () => {
    assert.equal(checked(good, { roleArn, unlimitedAllowed: false }).roleArn, roleArn);
  });
}

const noRoles = [
  ...unservable.filter(([, text]) => typeof text === "string").map(([what, text]) => [what, `${ROLE}${text}`] as const),
  ["nothing", ""],
  ["a name", "orders"],
  ["more than an ARN may be long", `${ROLE}${"x".repeat(2_048)}`],
] as const;

for (const [what, roleArn] of noRoles) {
  test(`knows no role by an agent's word with ${what}, and keeps the credentials`, () => {
    const { roleArn: found, accountId } = checked(good, { roleArn, unlimitedAllowed: false });
    assert.deepEqual({ found, accountId }, { found: undefined, accountId: undefined });
  });
}

for (const { name, accountId, roleArn, expected } of accounts) {
  test(`has the account from ${name}`, () => {
    const { accountId: found, roleArn: kept } = checked({ ...good, accountId }, { roleArn, unlimitedAllowed: false });
    assert.deepEqual({ found, kept }, { found: expected, kept: roleArn });
  });
}
