/** Promise 3: no client signs after the real expiration, whatever upstream and the clock do. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { clients, findClient } from "../../src/policy/clients.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { failureKinds } from "../../src/upstream/failure.ts";
import { drawsFrom, timeBetween } from "../support/arbitraries.ts";
import { createCache, cycling, readOf } from "../support/credential-cache.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { afterFailure, ModelledClient, type Signature } from "../support/modelled-client.ts";
import { declaredAs, declaredRightly, type Participant, upgraded } from "../support/participants.ts";
import { runs } from "../support/properties.ts";
import { SimulatedUpstream, type UpstreamBehaviour } from "../support/simulated-upstream.ts";

/** Longer than a cold read may wait. */
const PATIENCE_MS = 5 * SECOND;

type Event =
  | { readonly kind: "advance"; readonly ms: number }
  /** Time passes until no more than `left` remains of the last session that upstream issued. */
  | { readonly kind: "wear"; readonly left: number }
  /** The wall clock is set ahead, or the machine was suspended: sidecar and clients see the same. */
  | { readonly kind: "jump"; readonly ms: number }
  | { readonly kind: "behaviour"; readonly behaviour: UpstreamBehaviour; readonly latency: number }
  /**
   * Each `every`-th client signs. The connections of those that read are `cut`, or the clock jumps by `jump` while
   * those that have to wait for an answer wait.
   */
  | {
      readonly kind: "sign";
      readonly every: number;
      readonly eager: boolean;
      readonly cut: boolean;
      readonly jump: number;
    };

interface History {
  readonly firstLifetime: number;
  readonly events: readonly Event[];
  readonly random: readonly number[];
  readonly marginMs: number;
  readonly padding: boolean;
}

const lifetime = timeBetween(MINUTE, 12 * HOUR);
const latency = timeBetween(1, 20 * SECOND);
const kind = <const Kind extends string>(name: Kind) => fc.constant(name);
const good: fc.Arbitrary<UpstreamBehaviour> = fc.oneof(
  fc.record({ kind: kind("issues"), lifetime }),
  fc.record({ kind: kind("caches"), lifetime, refreshesAt: timeBetween(SECOND, 30 * MINUTE) }),
);
const bad: fc.Arbitrary<UpstreamBehaviour> = fc.oneof(
  fc.record({ kind: kind("fails"), failure: fc.constantFrom(...failureKinds) }),
  fc.record({ kind: kind("hangs") }),
);
const jump = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: timeBetween(SECOND, HOUR) });
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind("advance"), ms: timeBetween(SECOND, HOUR) }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("wear"), left: timeBetween(1, 30 * MINUTE) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("jump"), ms: timeBetween(SECOND, 13 * HOUR) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("behaviour"), behaviour: good, latency }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("behaviour"), behaviour: bad, latency }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind("sign"),
      every: fc.integer({ min: 1, max: 7 }),
      eager: fc.boolean(),
      cut: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      jump,
    }),
  },
);
const history: fc.Arbitrary<History> = fc.record({
  firstLifetime: lifetime,
  events: fc.array(event, { minLength: 10, maxLength: 60 }),
  // Nothing below 0.2: with a source of zeros the cold schedule, full jitter, would try again at once for hours.
  random: drawsFrom(0.2),
  marginMs: fc.constantFrom(10 * SECOND, MINUTE, 5 * MINUTE),
  padding: fc.boolean(),
});

/**
 * How long before the real expiration a signature must be made, in ms. A client that signs on after a failed read does
 * so until the reported expiration, or for ever; in every other case the margin is left.
 */
function leastLeft({ client, protocol }: Participant, { read }: Signature, { marginMs, padding }: History): number {
  if (read !== "failed") return marginMs;
  const { mandatorySeconds } = client[protocol];
  if (mandatorySeconds === 0) return Number.NEGATIVE_INFINITY;
  return marginMs - (padding ? mandatorySeconds * SECOND : 0);
}

/** Fails when one of `participants` signs later than it may. */
async function live(given: History, participants: readonly Participant[]): Promise<void> {
  const { firstLifetime, events, random, marginMs, padding } = given;
  const clock = new FakeClock();
  const upstream = new SimulatedUpstream(clock);
  upstream.behaviour = { kind: "issues", lifetime: firstLifetime };
  const { cache, reads } = createCache({ clock, upstream, random: cycling(random), marginMs, padding });
  const signers = participants.map((member) => {
    const { client, protocol, declared, agent } = member;
    const windows = client[protocol];
    const read = readOf(cache, protocol, declared, agent);
    const options = { reads, read, windows, afterFailure: afterFailure(client, windows), now: clock.now };
    return { member, signer: new ModelledClient(options) };
  });
  const sign = async ({ member, signer }: (typeof signers)[number], event: Extract<Event, { kind: "sign" }>) => {
    const signature = await signer.sign(event);
    if (signature === undefined) return;
    const left = upstream.expirationOf(signature.accessKeyId) - clock.now();
    const { client, protocol } = member;
    const reported = `${client.name} (${protocol}) signs ${left} ms before the real expiration, read: ${signature.read}`;
    assert.ok(left >= leastLeft(member, signature, given), reported);
  };
  cache.start();
  for (const event of events) {
    if (event.kind === "advance") await clock.advance(event.ms);
    if (event.kind === "wear") await clock.advance(Math.max(0, upstream.lastExpiration - clock.now() - event.left));
    if (event.kind === "jump") clock.jump(event.ms);
    if (event.kind === "behaviour") Object.assign(upstream, { behaviour: event.behaviour, latency: event.latency });
    if (event.kind !== "sign") continue;
    const signatures = signers.map((signer, index) => (index % event.every === 0 ? sign(signer, event) : undefined));
    await clock.advance(1);
    clock.jump(event.jump);
    await clock.advance(PATIENCE_MS);
    await Promise.all(signatures);
  }
  cache.stop();
}

suite("No client signs after the real expiration.", () => {
  test("none does that stops when a read fails, and no other while its reads succeed", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (given) => await live(given, declaredRightly)),
      runs(150),
    );
  });

  test("no name without a generation makes a client late that is upgraded to announced rules", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (given) => await live(given, upgraded)),
      runs(150),
    );
  });

  test("Java v1, which signs on when a read fails, is late by less than it was padded with", async () => {
    const javaV1 = declaredRightly.filter(({ client }) => client.name.startsWith("java-v1"));
    await fc.assert(
      fc.asyncProperty(history, async (given) => await live(given, javaV1)),
      runs(150),
    );
  });

  test("no wrong declaration makes a client late whose requests say what it is", async () => {
    const declared = fc.constantFrom(undefined, ...clients);
    await fc.assert(
      fc.asyncProperty(history, declared, async (given, client) => await live(given, declaredAs(client))),
      runs(150),
    );
  });
});

interface Outlived {
  readonly client: string;
  readonly padding: boolean;
  readonly cut: boolean;
  /** What it does when the session has ended and its read fails. */
  readonly outcome: "signs late" | "stops";
}

/** Padding lengthens what Java v1 1.12 signs on with; 1.11.546 stops where it is answered at all. */
const outlived: readonly Outlived[] = [
  { client: "java-v1", padding: true, cut: false, outcome: "signs late" },
  { client: "java-v1", padding: true, cut: true, outcome: "signs late" },
  { client: "java-v1", padding: false, cut: false, outcome: "stops" },
  { client: "java-v1.11", padding: true, cut: false, outcome: "stops" },
  { client: "java-v1.11", padding: true, cut: true, outcome: "signs late" },
  { client: "java-v1.11", padding: false, cut: true, outcome: "stops" },
  { client: "botocore-1", padding: true, cut: false, outcome: "stops" },
  { client: "botocore-1", padding: true, cut: true, outcome: "stops" },
];

for (const { client: name, padding, cut, outcome } of outlived) {
  const how = `${padding ? "padded" : "unpadded"} ${name} ${outcome}, its reads ${cut ? "cut" : "refused"}`;
  test(`in an outage that outlasts the session ${how}, and is in time from its first successful read on`, async () => {
    const clock = new FakeClock();
    const upstream = new SimulatedUpstream(clock);
    upstream.behaviour = { kind: "issues", lifetime: 15 * MINUTE };
    const { cache, reads } = createCache({ clock, upstream, padding });
    const client = findClient(name) ?? assert.fail(name);
    const windows = client.container;
    const read = readOf(cache, "container", client);
    const signer = new ModelledClient({
      reads,
      read,
      windows,
      afterFailure: afterFailure(client, windows),
      now: clock.now,
    });
    const sign = async (cut: boolean) => {
      const [signature] = await Promise.all([signer.sign({ eager: true, cut }), clock.advance(PATIENCE_MS)]);
      if (signature === undefined) return "stops";
      return upstream.expirationOf(signature.accessKeyId) < clock.now() ? "signs late" : "signs in time";
    };
    cache.start();
    await clock.advance(1);
    assert.equal(await sign(false), "signs in time");
    upstream.behaviour = { kind: "fails", failure: "unavailable" };
    await clock.advance(20 * MINUTE);
    assert.equal(await sign(cut), outcome);
    upstream.behaviour = { kind: "issues", lifetime: 15 * MINUTE };
    await clock.advance(5 * MINUTE);
    assert.equal(await sign(false), "signs in time");
    cache.stop();
  });
}
