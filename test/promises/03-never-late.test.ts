/** Promise 3: no client signs after the real expiration, whatever upstream and the clock do. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { type Client, clients, findClient, type Protocol } from "../../src/policy/clients.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { failureKinds } from "../../src/upstream/failure.ts";
import { drawsFrom, timeBetween } from "../support/arbitraries.ts";
import { createCache, cycling, readOf } from "../support/credential-cache.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { afterFailure, ModelledClient, type Signature } from "../support/modelled-client.ts";
import { runs } from "../support/properties.ts";
import { SimulatedUpstream, type UpstreamBehaviour } from "../support/simulated-upstream.ts";

/** Longer than a cold read may wait. */
const PATIENCE_MS = SECOND;

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

/** A client, what the pod's author says that it is, and what its requests say. */
interface Participant {
  readonly client: Client;
  readonly protocol: Protocol;
  readonly declared: Client | undefined;
  readonly agent?: string;
}

const protocols: readonly Protocol[] = ["container", "imds"];

/** Every client on both protocols, declared as what it is. */
const declaredRightly: readonly Participant[] = protocols.flatMap((protocol) =>
  clients.map((client) => ({ client, protocol, declared: client })),
);

/**
 * The generation that botocore, Go v2, Java v2, Rust, C++ and Kotlin have announced: mandatory window 60 s, and the
 * shortest of its advisory windows, 300 s.
 */
const ANNOUNCED = { advisorySeconds: 300, mandatorySeconds: 60 };

/** The names that a person writes for those clients without thinking of a generation. */
const upgraded: readonly Participant[] = [
  "botocore",
  "boto3",
  "aws-cli",
  "aiobotocore",
  "go-v2",
  "java-v2",
  "rust",
  "cpp",
  "kotlin",
].map((name) => {
  const declared = findClient(name) ?? assert.fail(name);
  return {
    client: { name: `${name}, upgraded`, container: ANNOUNCED, imds: ANNOUNCED },
    protocol: "container",
    declared,
  };
});

/** Agents by which clients are recognized, each with the client that sends it. */
const agents: readonly (readonly [client: string, protocol: Protocol, agent: string])[] = [
  ["java-v1.11", "container", "aws-sdk-java/1.11.1034 Linux/5.10 OpenJDK_64-Bit_Server_VM/25"],
  ["java-v1", "container", "aws-sdk-java/1.12.500 Linux/5.10 OpenJDK_64-Bit_Server_VM/25"],
  ["java-v1", "imds", "aws-sdk-java/1.12.500 Linux/5.10 OpenJDK_64-Bit_Server_VM/25"],
  ["java-v2", "container", "aws-sdk-java/2.20.1 Linux/5.10 OpenJDK_64-Bit_Server_VM/17"],
  ["java-v2", "imds", "aws-sdk-java/2.20.1"],
  ["js-v2", "container", "aws-sdk-nodejs/2.1693.0 linux/v20.0.0"],
  ["crt", "container", "aws-sdk-crt/ecs-credentials-provider"],
  ["cpp", "container", "aws-sdk-cpp/1.11.300"],
  ["botocore", "imds", "Botocore/1.43.0 ua/2.0"],
  ["go-v2", "imds", "aws-sdk-go-v2/1.30.0 ft/ec2-imds"],
  ["php", "imds", "aws-sdk-php/3.300.0"],
];

/** Clients whose requests say what they are, in pods whose author says that they are `declared`. */
function declaredAs(declared: Client | undefined): readonly Participant[] {
  return agents.map(([name, protocol, agent]) => {
    const client = findClient(name);
    if (client === undefined) throw new Error(`${name} is not in the client table`);
    return { client, protocol, declared, agent };
  });
}

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
