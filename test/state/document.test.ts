/** The content of the state file: what was written comes back, and nothing else does. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import type { Snapshot } from "../../src/cache/cached-credentials.ts";
import { parseState, renderState, type StateRecord } from "../../src/state/document.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { runs } from "../support/properties.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const clocks = { wall: EPOCH, monotonicMs: 1_234.5 };

function record(given: Partial<Snapshot["cached"]["credentials"]> = {}, more: Partial<Snapshot> = {}): StateRecord {
  const credentials = fakeCredentials(EPOCH + HOUR, given);
  const cached = { credentials, obtainedAt: EPOCH, generation: 3 };
  const nextRefreshAt = EPOCH + 20 * MINUTE;
  return {
    givenFor: "digest",
    snapshot: { cached, since: clocks, scheduled: clocks, nextRefreshAt, isForced: false, ...more },
  };
}

const written = (records: Readonly<Record<string, StateRecord>>, boot = "boot-1") =>
  renderState({ boot, records: new Map(Object.entries(records)) });

suite("The state document", () => {
  test("gives back what was written", () => {
    const records = {
      default: record({ roleArn: "arn:aws:iam::123456789012:role/app", accountId: "123456789012" }),
      reports: record({ roleName: "node", sts: { region: "eu-west-1", home: "eu-central-1" } }, { isForced: true }),
      program: record({ fromProgram: true }),
    };
    assert.deepEqual(parseState(written(records), "boot-1"), {
      boot: "boot-1",
      records: new Map(Object.entries(records)),
    });
  });

  test("leaves out credentials whose end is not known", () => {
    const keys = record({ lifetime: { kind: "unlimited" }, sessionToken: "" });
    const text = written({ keys, endless: record({ lifetime: { kind: "unknown" } }), default: record() });
    assert.deepEqual([...(parseState(text, "boot-1")?.records.keys() ?? [])], ["default"]);
  });

  test("of another start of the system is none: its monotonic clock says nothing about ages", () => {
    assert.equal(parseState(written({ default: record() }), "boot-2"), undefined);
  });

  test("of another version is none", () => {
    const newer = written({ default: record() }).replace('"version":1', '"version":2');
    assert.equal(parseState(newer, "boot-1"), undefined);
  });

  test("that was cut off anywhere is none", () => {
    const text = written({ default: record(), reports: record() });
    for (let length = 0; length < text.length; length += 1) {
      assert.equal(parseState(text.slice(0, length), "boot-1"), undefined);
    }
  });

  const faults: Readonly<Record<string, (document: ReturnType<typeof JSON.parse>) => void>> = {
    "no digest": (it) => delete it.givenFor,
    "an access key ID with a quote": (it) => (it.credentials.accessKeyId = 'ASIA"FAKE'),
    "no secret": (it) => delete it.credentials.secretAccessKey,
    "a session token that is a number": (it) => (it.credentials.sessionToken = 7),
    "no expiration": (it) => delete it.expiration,
    "an expiration in words": (it) => (it.expiration = "tomorrow"),
    "an expiration beyond every date": (it) => (it.expiration = 1e300),
    "an expiration further ahead than any session lasts": (it) => (it.expiration = EPOCH + 37 * HOUR),
    "no clocks": (it) => delete it.since,
    "a clock without an end": (it) => (it.since.monotonicMs = null),
    "a generation that is no whole number": (it) => (it.generation = 1.5),
    "no next refresh": (it) => delete it.nextRefreshAt,
  };

  for (const [what, spoil] of Object.entries(faults)) {
    test(`leaves out a record with ${what}, and keeps the others`, () => {
      const document = JSON.parse(written({ default: record(), reports: record() }));
      spoil(document.identities.default);
      const state = parseState(JSON.stringify(document), "boot-1");
      assert.deepEqual([...(state?.records.keys() ?? [])], ["reports"]);
    });
  }

  test("never throws, whatever it holds", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), fc.jsonValue(), (text, value) => {
        parseState(text, "boot-1");
        parseState(JSON.stringify({ version: 1, boot: "boot-1", identities: { default: value } }), "boot-1");
        parseState(JSON.stringify({ version: 1, boot: "boot-1", identities: value }), "boot-1");
      }),
      runs(500),
    );
  });
});
