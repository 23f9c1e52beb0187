import assert from "node:assert/strict";
import { test } from "node:test";
import { type Calmness, type CalmnessInput, calmnessOf } from "../../src/policy/calmness.ts";
import { type ClientName, clients, findClient } from "../../src/policy/clients.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";

const MINIMUM_LIFETIME_MS = 25 * MINUTE;

function calmnessWith(name: ClientName, length: number, padding = true): Calmness {
  const client = findClient(name);
  assert.ok(client);
  return calmnessOf({
    windows: client.container,
    lifetimeMs: length,
    minimumLifetimeMs: MINIMUM_LIFETIME_MS,
    policy: { marginMs: MINUTE, padding },
  });
}

for (const { name, container, imds } of clients) {
  test(`calls ${name} calm with one-hour sessions, named or not, padded or not`, () => {
    for (const windows of [container, imds]) {
      for (const padding of [true, false]) {
        const input: CalmnessInput = {
          windows,
          lifetimeMs: HOUR,
          minimumLifetimeMs: MINIMUM_LIFETIME_MS,
          policy: { marginMs: MINUTE, padding },
        };
        assert.equal(calmnessOf(input), "calm");
      }
    }
  });
}

/** With sessions of 15 min, as kiam issued them. */
const short: Readonly<Record<Calmness, readonly ClientName[]>> = {
  calm: ["go-v1", "go-v2", "js-v2", "js-v3", "rust", "crt", "cpp", "php", "ruby", "kotlin", "swift", "amazonka"],
  "calm-when-named": ["java-v1.11", "java-v1", "botocore-1", "dotnet-v3.7.202", "s3fs", "aiodynamo"],
  "now-and-then": ["java-v2"],
  storms: ["botocore", "dotnet-v3", "dotnet-v4", "s3cmd"],
};

const said: Readonly<Record<Calmness, string>> = {
  calm: "is calm",
  "calm-when-named": "is calm when named",
  "now-and-then": "reads now and then",
  storms: "storms",
};

for (const [expected, names] of Object.entries(short) as [Calmness, readonly ClientName[]][]) {
  for (const name of names) {
    test(`says that ${name} ${said[expected]} with sessions of 15 min`, () => {
      assert.equal(calmnessWith(name, 15 * MINUTE), expected);
    });
  }
}

for (const expected of ["calm-when-named", "now-and-then", "storms"] as const) {
  test(`says of no other client that it ${said[expected]} with sessions of 15 min`, () => {
    const policy = { marginMs: MINUTE, padding: true };
    const found = clients.filter(
      ({ container: windows }) =>
        calmnessOf({ windows, lifetimeMs: 15 * MINUTE, minimumLifetimeMs: MINIMUM_LIFETIME_MS, policy }) === expected,
    );
    assert.deepEqual(found.map(({ name }) => name).sort(), [...short[expected]].sort());
  });
}

for (const name of short["calm-when-named"]) {
  test(`says that ${name} storms with sessions of 15 min when padding is off`, () => {
    assert.equal(calmnessWith(name, 15 * MINUTE, false), "storms");
  });
}

test("calms nobody with a threshold, and everybody without one, when sessions last 5 min", () => {
  assert.equal(calmnessWith("go-v1", 5 * MINUTE), "calm-when-named");
  assert.equal(calmnessWith("js-v3", 5 * MINUTE), "storms");
  assert.equal(calmnessWith("php", 5 * MINUTE), "calm");
});

test("says that java-v2 storms with sessions of 10 min", () => {
  assert.equal(calmnessWith("java-v2", 10 * MINUTE), "storms");
});

/** A session of 15 min is refreshed with 10 min left at the latest, which is 9 min of honest lifetime. */
interface Boundary {
  readonly name: string;
  readonly advisorySeconds: number;
  readonly mandatorySeconds: number;
  readonly shortestAdvisorySeconds?: number;
  readonly expected: Calmness;
}

const boundaries: readonly Boundary[] = [
  { name: "a minute to spare is calm", advisorySeconds: 480, mandatorySeconds: 0, expected: "calm" },
  { name: "a second less storms", advisorySeconds: 481, mandatorySeconds: 0, expected: "storms" },
  {
    name: "a second less is calm when named, where the mandatory window is that second",
    advisorySeconds: 481,
    mandatorySeconds: 1,
    expected: "calm-when-named",
  },
  {
    name: "a mandatory window that is too small makes up for nothing",
    advisorySeconds: 490,
    mandatorySeconds: 9,
    expected: "storms",
  },
  // 420² / (2 · 780) = 113 s between two reads; 300² / (2 · 750) = 60 s.
  {
    name: "a threshold that is drawn widely is read by now and then",
    advisorySeconds: 900,
    mandatorySeconds: 60,
    shortestAdvisorySeconds: 120,
    expected: "now-and-then",
  },
  {
    name: "a minute between reads is now and then",
    advisorySeconds: 990,
    mandatorySeconds: 0,
    shortestAdvisorySeconds: 240,
    expected: "now-and-then",
  },
  {
    name: "a second less between reads storms",
    advisorySeconds: 990,
    mandatorySeconds: 0,
    shortestAdvisorySeconds: 242,
    expected: "storms",
  },
  {
    name: "a threshold drawn from above what is left storms",
    advisorySeconds: 900,
    mandatorySeconds: 0,
    shortestAdvisorySeconds: 540,
    expected: "storms",
  },
  {
    name: "a drawn threshold that is never reached is calm",
    advisorySeconds: 480,
    mandatorySeconds: 0,
    shortestAdvisorySeconds: 120,
    expected: "calm",
  },
];

for (const { name, expected, ...windows } of boundaries) {
  test(`decides that ${name}`, () => {
    const policy = { marginMs: 60 * SECOND, padding: true };
    assert.equal(
      calmnessOf({ windows, lifetimeMs: 15 * MINUTE, minimumLifetimeMs: MINIMUM_LIFETIME_MS, policy }),
      expected,
    );
  });
}
