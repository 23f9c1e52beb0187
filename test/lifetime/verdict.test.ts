import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClientName, clients, findClient } from "../../src/lifetime/clients.ts";
import { HOUR, MINUTE, SECOND } from "../../src/lifetime/renewal.ts";
import { type Verdict, type VerdictInput, verdictOf } from "../../src/lifetime/verdict.ts";

const FLOOR = 25 * MINUTE;

function verdict(name: ClientName, length: number, padding = true): Verdict {
  const client = findClient(name);
  assert.ok(client);
  return verdictOf({ thresholds: client.container, length, floor: FLOOR, policy: { margin: MINUTE, padding } });
}

for (const { name, container, imds } of clients) {
  test(`calls ${name} calm with one-hour sessions, named or not, padded or not`, () => {
    for (const thresholds of [container, imds]) {
      for (const padding of [true, false]) {
        const input: VerdictInput = { thresholds, length: HOUR, floor: FLOOR, policy: { margin: MINUTE, padding } };
        assert.equal(verdictOf(input), "calm");
      }
    }
  });
}

/** With sessions of 15 min, as kiam issued them. */
const short: Readonly<Record<Verdict, readonly ClientName[]>> = {
  calm: ["go-v1", "go-v2", "js-v2", "js-v3", "rust", "crt", "cpp", "php", "ruby", "kotlin", "swift", "amazonka"],
  "calm-when-named": ["java-v1.11", "java-v1", "botocore", "dotnet-v3", "s3fs", "aiodynamo"],
  storms: ["java-v2", "dotnet-v4", "s3cmd"],
};

for (const [expected, names] of Object.entries(short)) {
  for (const name of names) {
    test(`says that ${name} ${expected === "storms" ? "storms" : `is ${expected}`} with sessions of 15 min`, () => {
      assert.equal(verdict(name, 15 * MINUTE), expected);
    });
  }
}

test("says which clients storm with sessions of 15 min, and no others", () => {
  const storming = clients.filter(
    ({ container: thresholds }) =>
      verdictOf({ thresholds, length: 15 * MINUTE, floor: FLOOR, policy: { margin: MINUTE, padding: true } }) ===
      "storms",
  );
  assert.deepEqual(storming.map(({ name }) => name).sort(), [...short.storms].sort());
});

for (const name of short["calm-when-named"]) {
  test(`says that ${name} storms with sessions of 15 min when padding is off`, () => {
    assert.equal(verdict(name, 15 * MINUTE, false), "storms");
  });
}

test("calms nobody with a threshold, and everybody without one, when sessions last 5 min", () => {
  assert.equal(verdict("go-v1", 5 * MINUTE), "calm-when-named");
  assert.equal(verdict("js-v3", 5 * MINUTE), "storms");
  assert.equal(verdict("php", 5 * MINUTE), "calm");
});

/** A session of 15 min is renewed with 9.5 min left at the latest, which is 8.5 min of honest lifetime. */
const boundaries = [
  { name: "a minute to spare is calm", asks: 450, insists: 0, expected: "calm" },
  { name: "a second less storms", asks: 451, insists: 0, expected: "storms" },
  {
    name: "a second less is calm when named, where the client insists on that second",
    asks: 451,
    insists: 1,
    expected: "calm-when-named",
  },
  {
    name: "nothing is made up for by what is insisted on when it is too little",
    asks: 460,
    insists: 9,
    expected: "storms",
  },
];

for (const { name, asks, insists, expected } of boundaries) {
  test(`decides that ${name}`, () => {
    const policy = { margin: 60 * SECOND, padding: true };
    assert.equal(verdictOf({ thresholds: { asks, insists }, length: 15 * MINUTE, floor: FLOOR, policy }), expected);
  });
}
