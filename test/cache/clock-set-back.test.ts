/** A wall clock that is set, back too, never makes a session longer than it is. Time really passes by the monotonic clock. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clients, type Protocol } from "../../src/policy/clients.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { drawsFrom, timeBetween } from "../support/arbitraries.ts";
import { createCache, cycling, readOf } from "../support/credential-cache.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { reportedBy } from "../support/modelled-client.ts";
import { runs } from "../support/properties.ts";
import { PunctualUpstream, type UpstreamHealth } from "../support/punctual-upstream.ts";

type Event =
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "set"; readonly ms: number }
  | { readonly kind: "behaviour"; readonly behaviour: UpstreamHealth; readonly lifetimeMs: number };

const kind = <const Kind extends string>(name: Kind) => fc.constant(name);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind("advance"), ms: timeBetween(SECOND, HOUR) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("set"), ms: timeBetween(1, 13 * HOUR).map((ms) => -ms) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("set"), ms: timeBetween(1, 13 * HOUR) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind("behaviour"),
      behaviour: fc.constantFrom<UpstreamHealth>("issues", "repeats", "fails"),
      lifetimeMs: timeBetween(2 * MINUTE, 12 * HOUR),
    }),
  },
);
const participants = (["container", "imds"] as const).flatMap((protocol: Protocol) =>
  [undefined, ...clients].map((client) => ({ protocol, client })),
);

/** Lives through `events`; fails at the first answer that promises more than is left. */
async function live(events: readonly Event[], random: readonly number[]): Promise<void> {
  const clock = new FakeClock();
  const upstream = new PunctualUpstream(clock);
  const { cache, reads } = createCache({ clock, upstream, marginMs: MINUTE, random: cycling(random) });
  const check = ({ protocol, client }: (typeof participants)[number]) => {
    const answer = reads.now(readOf(cache, protocol, client));
    const reported = answer && reportedBy(answer);
    if (reported === undefined) return;
    const paddingMs = (client?.[protocol].mandatorySeconds ?? 0) * SECOND;
    const promisedMs = reported.reportedExpiration - clock.now() - paddingMs;
    const leftMs = upstream.leftMs(reported.accessKeyId);
    // The margin is for less than a second between the two clocks, too.
    assert.ok(promisedMs < leftMs - MINUTE + SECOND, `${promisedMs} of ${leftMs} ms are promised`);
  };
  cache.start();
  for (const event of events) {
    if (event.kind === "advance") await clock.advance(event.ms);
    else if (event.kind === "set") clock.jump(event.ms);
    else Object.assign(upstream, { behaviour: event.behaviour, lifetimeMs: event.lifetimeMs });
    participants.forEach(check);
  }
  cache.stop();
}

test("no answer promises more of a session than is left of it, however the wall clock is set", async () => {
  await fc.assert(fc.asyncProperty(fc.array(event, { maxLength: 40 }), drawsFrom(0.2), live), runs(150));
});
