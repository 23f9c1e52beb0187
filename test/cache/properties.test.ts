/** What holds for the credential cache after any sequence of reads, answers, failures, waits, forced refreshes and clock jumps. */
import { test } from "node:test";
import fc from "fast-check";
import { clients, type Protocol } from "../../src/policy/clients.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { failureKinds, UpstreamFailure } from "../../src/upstream/failure.ts";
import { drawsFrom, timeBetween } from "../support/arbitraries.ts";
import { runs } from "../support/properties.ts";
import { type Command, WatchedCache } from "../support/watched-cache.ts";

const kind = <const Kind extends string>(name: Kind) => fc.constant(name);
const error = fc.oneof(
  fc.constantFrom(...failureKinds).map((failure) => new UpstreamFailure(failure, "simulated")),
  fc.constantFrom(new TypeError("fake"), new AggregateError([]), "no error at all", null, undefined, { cause: 1 }),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind("read"),
      client: fc.constantFrom(undefined, ...clients),
      protocol: fc.constantFrom<Protocol>("container", "imds"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind("advance"), ms: timeBetween(1, HOUR) }) },
  { weight: 4, arbitrary: fc.record({ kind: kind("await-next-try") }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("wear"), left: fc.integer({ min: -MINUTE, max: MINUTE }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: kind("answer"), lifetime: timeBetween(SECOND, 12 * HOUR), repeated: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind("fail"), error }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("force") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind("jump"),
      ms: fc.oneof(timeBetween(1, 13 * HOUR), fc.integer({ min: -HOUR, max: 0 })),
    }),
  },
);

test("the credential cache has one flight at a time, never loses good credentials and never mixes two generations", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 80 }), drawsFrom(0.2), async (commands, random) => {
      const watch = new WatchedCache(random);
      for (const command of commands) await watch.run(command);
      await watch.end();
    }),
    runs(300),
  );
});
