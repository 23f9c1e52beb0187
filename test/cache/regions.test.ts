/** The credential cache over several regions of STS: an outage of one is none, and a total one is as calm as ever. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import type { FailureKind } from "../../src/upstream/failure.ts";
import { drawsFrom, timeBetween } from "../support/arbitraries.ts";
import { createCache, cycling } from "../support/credential-cache.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { runs } from "../support/properties.ts";
import { RegionalUpstream } from "../support/regional-upstream.ts";
import type { UpstreamBehaviour } from "../support/simulated-upstream.ts";

const HOME = "eu-west-1";
const REGIONS = [HOME, "eu-central-1", "eu-north-1"] as const;
const passing: readonly FailureKind[] = ["unreachable", "timeout", "unavailable", "throttled"];

const regions = fc.constantFrom<readonly [string, ...string[]]>([REGIONS[0], REGIONS[1]], REGIONS);
const outage = fc.constantFrom(...passing).map((failure): UpstreamBehaviour => ({ kind: "fails", failure }));

test("an hour without one region leaves no moment without credentials, whenever it begins, and ends at home", async () => {
  const given = fc.record({
    regions,
    outage,
    lifetime: timeBetween(15 * MINUTE, 12 * HOUR),
    wellFor: timeBetween(1, 8 * HOUR),
    random: drawsFrom(0),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ regions, outage, lifetime, wellFor, random }) => {
      const clock = new FakeClock();
      const upstream = new RegionalUpstream(clock, regions);
      const issues: UpstreamBehaviour = { kind: "issues", lifetime };
      upstream.behave(issues);
      let expired = 0;
      const { cache } = createCache({ clock, upstream, random: cycling(random), onExpired: () => (expired += 1) });
      cache.start();
      await clock.advance(1 + wellFor);
      upstream.behave(outage, issues);
      await clock.advance(HOUR);
      assert.equal(expired, 0);
      assert.notEqual(cache.current(), undefined);
      upstream.behave(issues);
      await clock.advance(6 * HOUR + MINUTE);
      assert.equal(cache.current()?.credentials.sts?.region, HOME);
      cache.stop();
    }),
    runs(100),
  );
});

test("a start without the first region gets credentials from a fallback within seconds", async () => {
  for (const failure of passing) {
    const clock = new FakeClock();
    const upstream = new RegionalUpstream(clock, REGIONS);
    upstream.behave({ kind: "fails", failure }, { kind: "issues", lifetime: HOUR });
    const { cache } = createCache({ clock, upstream });
    cache.start();
    await clock.advance(10 * SECOND);
    assert.deepEqual(cache.current()?.credentials.sts, { region: REGIONS[1], home: HOME }, failure);
    cache.stop();
  }
});

test("a first region that hangs is passed over, by the attempt after the one whose time it took", async () => {
  const clock = new FakeClock();
  const upstream = new RegionalUpstream(clock, REGIONS);
  upstream.behave({ kind: "hangs" }, { kind: "issues", lifetime: HOUR });
  const { cache } = createCache({ clock, upstream });
  cache.start();
  await clock.advance(upstream.timeoutMs + 10 * SECOND);
  assert.equal(cache.current()?.credentials.sts?.region, REGIONS[1]);
  cache.stop();
});

test("without any region, all of them together get at most 100 calls in a cold hour, and 20 while credentials last", async () => {
  const given = fc.record({ regions, outages: fc.array(outage, { minLength: 3, maxLength: 3 }), random: drawsFrom(0) });
  await fc.assert(
    fc.asyncProperty(given, fc.boolean(), async ({ regions, outages, random }, isCold) => {
      const clock = new FakeClock();
      const upstream = new RegionalUpstream(clock, regions);
      upstream.behave({ kind: "issues", lifetime: 100 * MINUTE });
      if (isCold) upstream.behave(...outages);
      const { cache } = createCache({ clock, upstream, random: cycling(random) });
      cache.start();
      if (!isCold) await clock.advance(1);
      upstream.behave(...outages);
      const lastsUntil = isCold ? Number.POSITIVE_INFINITY : clock.now() + 99 * MINUTE;
      const before = upstream.calls.length;
      // From the first failed refresh on.
      while (upstream.calls.length === before) await clock.advance(SECOND);
      await clock.advance(Math.min(HOUR, lastsUntil - clock.now() - 1));
      const calls = upstream.calls.length - before;
      assert.ok(calls <= (isCold ? 100 : 20), `${calls} calls`);
      cache.stop();
    }),
    runs(60),
  );
});
