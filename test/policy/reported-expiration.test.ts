import assert from "node:assert/strict";
import { test } from "node:test";
import { clients, LARGEST_ADVISORY_SECONDS, type Windows } from "../../src/policy/clients.ts";
import {
  honestExpiration,
  honestRemainingMs,
  type ReportingPolicy,
  reportedExpiration,
} from "../../src/policy/reported-expiration.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const PADDED: ReportingPolicy = { marginMs: MINUTE, padding: true };
const UNPADDED: ReportingPolicy = { marginMs: MINUTE, padding: false };
const JAVA: Windows = { advisorySeconds: 900, mandatorySeconds: 900 };
const BOTOCORE: Windows = { advisorySeconds: 900, mandatorySeconds: 600 };

interface Case {
  readonly name: string;
  /** Real lifetime left, in ms. */
  readonly left: number;
  readonly windows?: Windows;
  readonly policy?: ReportingPolicy;
  /** Reported lifetime left, in ms. */
  readonly reported: number | undefined;
}

/** The honest remaining lifetime at which padding begins for 900 s: 16 min, which is 17 min of real lifetime. */
const WINDOW = 17 * MINUTE;

const cases: readonly Case[] = [
  { name: "the honest time to a client that nobody named", left: HOUR, reported: 59 * MINUTE },
  { name: "the honest time to an unnamed client in every window", left: 2 * MINUTE, reported: MINUTE },
  { name: "the honest time to a named client far from its window", left: HOUR, windows: JAVA, reported: 59 * MINUTE },
  {
    name: "the honest time a millisecond before the window",
    left: WINDOW + 1,
    windows: JAVA,
    reported: 16 * MINUTE + 1,
  },
  {
    name: "a padded time from a minute before the advisory window",
    left: WINDOW,
    windows: JAVA,
    reported: 31 * MINUTE,
  },
  { name: "a padded time in the incident", left: 15 * MINUTE, windows: JAVA, reported: 29 * MINUTE },
  {
    name: "a padding of the mandatory window, not of the advisory one",
    left: 15 * MINUTE,
    windows: BOTOCORE,
    reported: 24 * MINUTE,
  },
  {
    name: "no padding where nothing is insisted on",
    left: 5 * MINUTE,
    windows: { advisorySeconds: 900, mandatorySeconds: 0 },
    reported: 4 * MINUTE,
  },
  { name: "a padded time in the last second", left: MINUTE + SECOND, windows: JAVA, reported: 15 * MINUTE + SECOND },
  {
    name: "the honest time with padding off",
    left: 15 * MINUTE,
    windows: JAVA,
    policy: UNPADDED,
    reported: 14 * MINUTE,
  },
  { name: "nothing when only the margin is left", left: MINUTE, reported: undefined },
  { name: "nothing, padded or not, when only the margin is left", left: MINUTE, windows: JAVA, reported: undefined },
  { name: "nothing after the real end", left: -HOUR, windows: JAVA, reported: undefined },
];

for (const { name, left, windows, policy = PADDED, reported } of cases) {
  test(`tells ${name}`, () => {
    // Seen from a clock between two seconds when the case asks for a millisecond.
    const expiration = EPOCH + HOUR;
    const now = expiration - left;
    const actual = reportedExpiration({ credentials: fakeCredentials(expiration), now, windows, policy });
    assert.equal(actual, reported === undefined ? undefined : now + reported);
  });
}

test("tells whole seconds, rounded down", () => {
  for (const fraction of [1, 500, 999]) {
    const credentials = fakeCredentials(EPOCH + HOUR + fraction);
    for (const windows of [undefined, JAVA]) {
      const now = EPOCH + 50 * MINUTE;
      const reported = reportedExpiration({ credentials, now, windows, policy: PADDED });
      assert.equal(reported, EPOCH + 59 * MINUTE + (windows === undefined ? 0 : 15 * MINUTE));
    }
  }
});

test("has nothing to serve in the fraction of a second that rounding takes away", () => {
  const credentials = fakeCredentials(EPOCH + HOUR + 999);
  const end = EPOCH + 59 * MINUTE;
  const at = (now: number) => reportedExpiration({ credentials, now, windows: undefined, policy: PADDED });
  assert.equal(at(end - 1), end);
  assert.equal(at(end), undefined);
});

test("gives the honest expiration as the real one less the margin", () => {
  const credentials = fakeCredentials(EPOCH + HOUR);
  assert.equal(honestExpiration(credentials, EPOCH, 5 * MINUTE), EPOCH + 55 * MINUTE);
  assert.equal(honestRemainingMs(credentials, EPOCH + 54 * MINUTE, 5 * MINUTE), MINUTE);
  assert.equal(honestRemainingMs(credentials, EPOCH + 56 * MINUTE, 5 * MINUTE), -MINUTE);
});

test("reports static keys in steps of five minutes, an hour or more ahead", () => {
  const credentials = fakeCredentials(undefined);
  const reported = (now: number) => honestExpiration(credentials, now, MINUTE) - EPOCH;
  assert.equal(reported(EPOCH), 65 * MINUTE);
  assert.equal(reported(EPOCH + 5 * MINUTE - 1), 65 * MINUTE);
  assert.equal(reported(EPOCH + 5 * MINUTE), 70 * MINUTE);
});

test("reports static keys beyond the window of every client, and never padded", () => {
  const credentials = fakeCredentials(undefined);
  const now = EPOCH + 5 * MINUTE - 1;
  assert.ok(honestRemainingMs(credentials, now, MINUTE) > LARGEST_ADVISORY_SECONDS * SECOND + MINUTE);
  for (const { container } of clients) {
    const reported = reportedExpiration({ credentials, now, windows: container, policy: PADDED });
    assert.equal(reported, EPOCH + 65 * MINUTE);
  }
});

const session = fakeCredentials(undefined, { lifetime: { kind: "unknown" } });

test("reports a session whose end is unknown in steps of ten seconds, six minutes or a little more ahead", () => {
  const reported = (now: number) => honestExpiration(session, now, 5 * MINUTE) - EPOCH;
  assert.equal(reported(EPOCH), 6 * MINUTE + 10 * SECOND);
  assert.equal(reported(EPOCH + 10 * SECOND - 1), 6 * MINUTE + 10 * SECOND);
  assert.equal(reported(EPOCH + 10 * SECOND), 6 * MINUTE + 20 * SECOND);
});

test("lets no client use a session whose end is unknown for longer than that without a read", () => {
  for (const { container, imds } of clients) {
    for (const windows of [container, imds]) {
      const reported = reportedExpiration({ credentials: session, now: EPOCH, windows, policy: PADDED }) ?? 0;
      const unreadMs = reported - EPOCH - windows.mandatorySeconds * SECOND;
      assert.ok(unreadMs <= 6 * MINUTE + 10 * SECOND, `${unreadMs} ms`);
    }
  }
});

test("leaves a minute between two reads of such a session to every client whose windows are 5 min apart at most", () => {
  const now = EPOCH + 10 * SECOND - 1;
  for (const { name, container: windows } of clients) {
    if (windows.advisorySeconds - windows.mandatorySeconds > 300) continue;
    const reported = reportedExpiration({ credentials: session, now, windows, policy: PADDED }) ?? 0;
    assert.ok(reported - now - windows.advisorySeconds * SECOND >= MINUTE, name);
  }
});
