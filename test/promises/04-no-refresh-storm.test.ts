/** Promise 4: a healthy upstream with sessions that are long enough causes no refresh storm. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { type Client, clients, type Protocol } from "../../src/policy/clients.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { drawsFrom, evenly, timeBetween } from "../support/arbitraries.ts";
import { createCache, cycling, readOf } from "../support/credential-cache.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { reportedBy } from "../support/modelled-client.ts";
import { runs } from "../support/properties.ts";
import { SimulatedUpstream } from "../support/simulated-upstream.ts";

/** Long enough for every phase of a refresh to meet every phase of a client. */
const LIFETIMES = 3;

interface Days {
  readonly lifetime: number;
  /** How long upstream takes to answer. */
  readonly latency: number;
  readonly random: readonly number[];
  /** How long a client does nothing before it signs continually again. */
  readonly idle: readonly number[];
  readonly padding: boolean;
}

function daysWith(shortest: number, padding: fc.Arbitrary<boolean>): fc.Arbitrary<Days> {
  const idle = fc.oneof(fc.constant(0), timeBetween(1, HOUR));
  return fc.record({
    lifetime: fc.oneof(fc.constant(shortest), timeBetween(shortest, 12 * HOUR)),
    latency: timeBetween(1, 14 * SECOND),
    random: drawsFrom(0),
    idle: fc.array(idle, { minLength: 1, maxLength: 30 }),
    padding,
  });
}

/** A client that signs continually, and reads whenever its row allows it to. */
interface IdentifiedClient {
  readonly client: Client;
  readonly protocol: Protocol;
  readonly declared: boolean;
}

const protocols: readonly Protocol[] = ["container", "imds"];

function clientsOf(
  declared: boolean,
  which: (client: Client, protocol: Protocol) => boolean,
): readonly IdentifiedClient[] {
  return protocols.flatMap((protocol) =>
    clients.filter((client) => which(client, protocol)).map((client) => ({ client, protocol, declared })),
  );
}

/** Lives through `days`; fails when the reported lifetime makes a client read again within a minute. */
async function live(
  { lifetime, latency, random, idle, padding }: Days,
  clients: readonly IdentifiedClient[],
): Promise<void> {
  const clock = new FakeClock();
  const upstream = new SimulatedUpstream(clock);
  Object.assign(upstream, { behaviour: { kind: "issues", lifetime }, latency });
  const { cache, reads } = createCache({ clock, upstream, random: cycling(random), padding });
  const backoffs = cycling(idle);
  const due = new Map(clients.map((client) => [client, 0]));
  cache.start();
  await clock.advance(latency);
  for (const end = clock.now() + LIFETIMES * lifetime; clock.now() < end; ) {
    const next = Math.min(...due.values());
    await clock.advance(Math.max(0, next - clock.now()));
    for (const [member, dueAt] of due) {
      if (dueAt > clock.now()) continue;
      const { client, protocol, declared } = member;
      const reported = reportedBy(
        reads.now(readOf(cache, protocol, declared ? client : undefined)) ?? assert.fail("no answer"),
      );
      assert.ok(reported !== undefined);
      const readsAgainAt = reported.reportedExpiration - client[protocol].advisorySeconds * SECOND;
      const after = readsAgainAt - clock.now();
      assert.ok(after >= MINUTE, `${client.name} (${protocol}) reads again after ${after} ms`);
      due.set(member, readsAgainAt + backoffs());
    }
  }
  cache.stop();
}

/**
 * How often a client reads in a day of sessions that it uses every second, when it draws after each read the threshold
 * at which it reads again.
 */
async function readsPerMinute({ lifetime, latency, random, padding }: Days, client: Client): Promise<number> {
  const { advisorySeconds, shortestAdvisorySeconds = advisorySeconds } = client.container;
  const clock = new FakeClock();
  const upstream = new SimulatedUpstream(clock);
  Object.assign(upstream, { behaviour: { kind: "issues", lifetime }, latency });
  const { cache, reads } = createCache({ clock, upstream, random: cycling(random), padding });
  const draw = evenly();
  cache.start();
  await clock.advance(latency);
  const began = clock.now();
  let count = 0;
  while (clock.now() < began + 24 * HOUR) {
    const reported = reportedBy(reads.now(readOf(cache, "container", client)) ?? assert.fail("no answer"));
    count += 1;
    const window = (advisorySeconds - (advisorySeconds - shortestAdvisorySeconds) * draw()) * SECOND;
    const quiet = (reported?.reportedExpiration ?? 0) - window - clock.now();
    await clock.advance(Math.max(quiet, SECOND));
  }
  cache.stop();
  return count / (24 * 60);
}

suite("No refresh storm from a one-hour upstream, whatever the SDK; none from a 15-minute upstream for the clients that can be calmed.", () => {
  test("a declared client whose thresholds are within 5 min of each other reads at most once a minute from 15 min on", async () => {
    const calmable = clientsOf(
      true,
      (client, protocol) => client[protocol].advisorySeconds - client[protocol].mandatorySeconds <= 300,
    );
    await fc.assert(
      fc.asyncProperty(daysWith(15 * MINUTE, fc.constant(true)), async (days) => await live(days, calmable)),
      runs(100),
    );
  });

  test("every client, named or not, reads at most once a minute from one hour on", async () => {
    const all = [...clientsOf(true, () => true), ...clientsOf(false, () => true)];
    await fc.assert(
      fc.asyncProperty(daysWith(HOUR, fc.boolean()), async (days) => await live(days, all)),
      runs(60),
    );
  });

  test("a client that draws its threshold reads at most once a minute on the average from 15 min on", async () => {
    const drawing = clients.filter(({ container }) => container.shortestAdvisorySeconds !== undefined);
    await fc.assert(
      fc.asyncProperty(daysWith(15 * MINUTE, fc.boolean()), fc.constantFrom(...drawing), async (days, client) => {
        const often = await readsPerMinute(days, client);
        assert.ok(often <= 1, `${client.name} reads ${often} times a minute`);
      }),
      runs(20),
    );
  });
});
