/** Promise 3: no client signs after the real expiration, whatever upstream and the clock do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Client, clients, findClient, type Protocol, type Thresholds } from "../../src/lifetime/clients.ts";
import { HOUR, MINUTE, SECOND } from "../../src/lifetime/renewal.ts";
import { failureKinds } from "../../src/upstream/failure.ts";
import { drawsFrom, timeBetween } from "../support/arbitraries.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { cycling, keep, readOf } from "../support/kept.ts";
import { ModelledClient } from "../support/modelled-client.ts";
import { runs } from "../support/properties.ts";
import { SimulatedUpstream, type Weather } from "../support/simulated-upstream.ts";

/** Longer than a cold read may wait. */
const PATIENCE_MS = SECOND;

type Event =
  | { readonly kind: "advance"; readonly ms: number }
  /** Time passes until no more than `left` remains of the last session that upstream issued. */
  | { readonly kind: "wear"; readonly left: number }
  /** The wall clock is set ahead, or the machine was suspended: sidecar and clients see the same. */
  | { readonly kind: "jump"; readonly ms: number }
  | { readonly kind: "weather"; readonly weather: Weather; readonly latency: number }
  /** Each `every`-th client signs. The clock jumps by `jump` while those that have to wait for an answer wait. */
  | { readonly kind: "sign"; readonly every: number; readonly eager: boolean; readonly jump: number };

interface History {
  readonly firstLifetime: number;
  readonly events: readonly Event[];
  readonly random: readonly number[];
  readonly margin: number;
  readonly padding: boolean;
}

const lifetime = timeBetween(MINUTE, 12 * HOUR);
const latency = timeBetween(1, 20 * SECOND);
const kind = <const Kind extends string>(name: Kind) => fc.constant(name);
const good: fc.Arbitrary<Weather> = fc.oneof(
  fc.record({ kind: kind("issues"), lifetime }),
  fc.record({ kind: kind("caches"), lifetime, renewsAt: timeBetween(SECOND, 30 * MINUTE) }),
);
const bad: fc.Arbitrary<Weather> = fc.oneof(
  fc.record({ kind: kind("fails"), failure: fc.constantFrom(...failureKinds) }),
  fc.record({ kind: kind("hangs") }),
);
const jump = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: timeBetween(SECOND, HOUR) });
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind("advance"), ms: timeBetween(SECOND, HOUR) }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("wear"), left: timeBetween(1, 30 * MINUTE) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("jump"), ms: timeBetween(SECOND, 13 * HOUR) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("weather"), weather: good, latency }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("weather"), weather: bad, latency }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind("sign"),
      every: fc.integer({ min: 1, max: 7 }),
      eager: fc.boolean(),
      jump,
    }),
  },
);
const history: fc.Arbitrary<History> = fc.record({
  firstLifetime: lifetime,
  events: fc.array(event, { minLength: 10, maxLength: 60 }),
  // Nothing below 0.2: with a source of zeros the cold schedule, full jitter, would try again at once for hours.
  random: drawsFrom(0.2),
  margin: fc.constantFrom(10 * SECOND, MINUTE, 5 * MINUTE),
  padding: fc.boolean(),
});

/** A client, what the pod's author says that it is, and what its requests say. */
interface Cast {
  readonly thresholds: Thresholds;
  readonly protocol: Protocol;
  readonly declared: Client | undefined;
  readonly agent?: string;
}

const protocols: readonly Protocol[] = ["container", "imds"];

/** Every client on both protocols, declared as what it is. */
const declaredRightly: readonly Cast[] = protocols.flatMap((protocol) =>
  clients.map((client) => ({ thresholds: client[protocol], protocol, declared: client })),
);

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
function declaredAs(declared: Client | undefined): readonly Cast[] {
  return agents.map(([name, protocol, agent]) => {
    const client = findClient(name);
    if (client === undefined) throw new Error(`${name} is not in the client table`);
    return { thresholds: client[protocol], protocol, declared, agent };
  });
}

/** Fails when one of `cast` signs after, or less than a margin before, the real expiration of what it signs with. */
async function live({ firstLifetime, events, random, margin, padding }: History, cast: readonly Cast[]): Promise<void> {
  const clock = new FakeClock();
  const upstream = new SimulatedUpstream(clock);
  upstream.weather = { kind: "issues", lifetime: firstLifetime };
  const { keeper, reads } = keep({ clock, upstream, random: cycling(random), margin, padding });
  const readers = cast.map(({ thresholds, protocol, declared, agent }) => {
    const read = readOf(keeper, protocol, declared, agent);
    return new ModelledClient({ reads, read, thresholds, now: clock.now });
  });
  const sign = async (reader: ModelledClient, index: number, eager: boolean) => {
    const accessKeyId = await reader.sign(eager);
    if (accessKeyId === undefined) return;
    const left = upstream.expirationOf(accessKeyId) - clock.now();
    assert.ok(left >= margin, `client ${index} signs ${left} ms before the real expiration`);
  };
  keeper.start();
  for (const event of events) {
    if (event.kind === "advance") await clock.advance(event.ms);
    if (event.kind === "wear") await clock.advance(Math.max(0, upstream.lastExpiration - clock.now() - event.left));
    if (event.kind === "jump") clock.jump(event.ms);
    if (event.kind === "weather") Object.assign(upstream, { weather: event.weather, latency: event.latency });
    if (event.kind !== "sign") continue;
    const signatures = readers.map((reader, index) =>
      index % event.every === 0 ? sign(reader, index, event.eager) : undefined,
    );
    await clock.advance(1);
    clock.jump(event.jump);
    await clock.advance(PATIENCE_MS);
    await Promise.all(signatures);
  }
  keeper.stop();
}

test("No client signs after the real expiration.", async () => {
  await fc.assert(
    fc.asyncProperty(history, async (given) => await live(given, declaredRightly)),
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
