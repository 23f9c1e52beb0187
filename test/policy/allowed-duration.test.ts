import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  afterAnswer,
  afterRefusal,
  durationToAsk,
  isFound,
  type KnownDuration,
} from "../../src/policy/allowed-duration.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import { runs } from "../support/properties.ts";

const HOUR_S = 3_600;
const DAY_MS = 24 * HOUR;

/** Everything that one process asks of a role that allows so much, `x` before what was refused; in hours. */
class Asking {
  known: KnownDuration | undefined;
  readonly asked: string[] = [];
  refusals = 0;
  now = 0;
  readonly #wantedSeconds: number;

  constructor(wantedHours: number) {
    this.#wantedSeconds = wantedHours * HOUR_S;
  }

  /** One attempt; gives the hours that were allowed. */
  attempt(allowsHours: number): number {
    for (let refusedNow = 0; ; refusedNow += 1) {
      const { known, now } = this;
      const seconds = durationToAsk({ wantedSeconds: this.#wantedSeconds, known, refusedNow, now });
      if (seconds <= allowsHours * HOUR_S) {
        this.known = afterAnswer(known, seconds);
        this.asked.push(String(seconds / HOUR_S));
        return seconds / HOUR_S;
      }
      assert.ok(refusedNow < 3, "an attempt has no end");
      this.known = afterRefusal(known, seconds, now);
      this.refusals += 1;
      this.asked.push(`x${seconds / HOUR_S}`);
    }
  }

  /** Attempts half an hour apart, until this much time has passed. */
  attemptFor(ms: number, allowsHours: number): number {
    let got = 0;
    for (const end = this.now + ms; this.now < end; this.now += HOUR / 2) got = this.attempt(allowsHours);
    return got;
  }
}

const searches: readonly (readonly [wanted: number, allows: number, asked: string])[] = [
  [12, 12, "12 12"],
  [12, 1, "x12 x5 1 x2 1 1"],
  [12, 2, "x12 x5 1 2 x3 2 2"],
  [12, 4, "x12 x5 1 2 3 4 4"],
  [12, 8, "x12 5 8 x10 x9 8 8"],
  [12, 11, "x12 5 8 10 11 11"],
  [2, 1, "x2 1 1"],
  [1.5, 1, "x1.5 1 1"],
  [1, 1, "1 1"],
  [0.25, 1, "0.25 0.25"],
];

for (const [wanted, allows, asked] of searches) {
  test(`asked for ${wanted} h of a role that allows ${allows} h, it asks ${asked}`, () => {
    const asking = new Asking(wanted);
    while (asking.asked.length < asked.split(" ").length) asking.attempt(allows);
    assert.equal(asking.asked.join(" "), asked);
  });
}

const hours = fc.integer({ min: 1, max: 12 });
const wanted = fc.oneof(
  hours,
  fc.integer({ min: 15, max: 720 }).map((minutes) => minutes / 60),
);

test("whatever a role allows is found in at most three refused calls, two of them in one attempt, and each attempt gets a session", () => {
  fc.assert(
    fc.property(wanted, hours, (wantedHours, allows) => {
      const asking = new Asking(wantedHours);
      const before: number[] = [];
      for (let attempt = 0; attempt < 8; attempt += 1) {
        const refusals = asking.refusals;
        const got = asking.attempt(allows);
        assert.ok(asking.refusals - refusals <= 2, asking.asked.join(" "));
        assert.ok(got >= Math.max(...before, Math.min(1, wantedHours)) - 1e-9, "a session is shorter than one before");
        before.push(got);
      }
      assert.ok(asking.refusals <= 3, asking.asked.join(" "));
      const most = Math.min(wantedHours, allows);
      const expected = most === wantedHours ? most : allows;
      assert.ok(Math.abs((before.at(-1) ?? 0) - expected) < 1e-9, asking.asked.join(" "));
      assert.ok(asking.refusals === 0 || isFound(asking.known ?? assert.fail()));
    }),
    runs(500),
  );
});

test("once what it allows is found, a role is tried upward once a day, with one refused call, and no more", () => {
  fc.assert(
    fc.property(hours, (allows) => {
      const asking = new Asking(12);
      asking.attemptFor(12 * HOUR, allows);
      const { refusals } = asking;
      asking.attemptFor(10 * DAY_MS, allows);
      assert.ok(asking.refusals - refusals <= (allows === 12 ? 0 : 10), `${asking.refusals - refusals}`);
      assert.ok(asking.refusals - refusals >= (allows === 12 ? 0 : 9));
    }),
    runs(50),
  );
});

test("a role whose limit was raised gives longer sessions within a day and a search, with at most three more refused calls", () => {
  fc.assert(
    fc.property(hours, hours, (before, after) => {
      fc.pre(after > before);
      const asking = new Asking(12);
      asking.attemptFor(12 * HOUR, before);
      const { refusals } = asking;
      const got = asking.attemptFor(DAY_MS + 4 * HOUR, after);
      assert.equal(got, after, asking.asked.join(" "));
      assert.ok(asking.refusals - refusals <= 3);
    }),
    runs(100),
  );
});

test("a role whose limit was lowered is searched anew, in at most three refused calls, and still gives sessions", () => {
  fc.assert(
    fc.property(hours, hours, (before, after) => {
      fc.pre(after < before);
      const asking = new Asking(12);
      asking.attemptFor(12 * HOUR, before);
      const { refusals } = asking;
      const got = asking.attemptFor(6 * HOUR, after);
      assert.equal(got, after, asking.asked.join(" "));
      assert.ok(asking.refusals - refusals <= 3, asking.asked.join(" "));
    }),
    runs(100),
  );
});

test("what is known of a role stays in order, whatever it answers: at least an hour is allowed, and less than was refused", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(hours, fc.integer({ min: 0, max: 3 * DAY_MS })), { maxLength: 30 }), (steps) => {
      const asking = new Asking(12);
      for (const [allows, ms] of steps) {
        asking.now += MINUTE + ms;
        asking.attempt(allows);
        const { allowedSeconds, refusedSeconds = Number.POSITIVE_INFINITY } = asking.known ?? assert.fail();
        assert.ok(allowedSeconds >= HOUR_S && allowedSeconds < refusedSeconds);
      }
    }),
    runs(300),
  );
});
