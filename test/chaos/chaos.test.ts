/**
 * An hour in which everything goes wrong at random: upstreams, token files, the clock, signals, the log's reader, other
 * peers, promises that nobody awaits, the state file, and the sidecar itself, which is restarted. The clock is simulated, and the sidecar, its listeners and its files are real.
 * `CHAOS_SEED` repeats a run.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Random, randomFrom } from "../../acceptance/fuzz/random.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type FakeEdge, fakeEdge } from "../support/fake-edge.ts";
import { get, type Served, serveForTest } from "../support/served.ts";
import { sendBytes } from "../support/served-credentials.ts";
import { SimulatedUpstream } from "../support/simulated-upstream.ts";
import { anyBehaviour, anyJump, hostileBytes, StateFileInChaos, TokenDirectory } from "./events.ts";

const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31);
const IDENTITIES = ["default", "reports", "audit"] as const;
const MARGIN_MS = MINUTE;

/** Calls of one upstream in an hour: 100 with nothing cached, 20 during an outage that begins with credentials. */
const MOST_CALLS = 120;

/** A sidecar that starts with nothing cached asks fast for two minutes. */
const MOST_CALLS_PER_START = 40;

interface Chaos {
  readonly random: Random;
  readonly edge: FakeEdge;
  readonly clock: FakeClock;
  served: Served;
  readonly start: () => Promise<Served>;
  readonly state: StateFileInChaos;
  /** Starts of the sidecar. */
  starts: number;
  readonly upstreams: Readonly<Record<string, SimulatedUpstream>>;
  readonly tokens: TokenDirectory;
  /** Whether anybody reads the log. */
  logReader: boolean;
  /** Reads that got credentials. */
  reads: number;
}

async function begin(t: TestContext, random: Random): Promise<Chaos> {
  const clock = new FakeClock();
  const edge = fakeEdge({ clock, random: () => random.below(1_000) / 1_000 });
  const upstreams = Object.fromEntries(IDENTITIES.map((name) => [name, new SimulatedUpstream(clock)]));
  const tokens = new TokenDirectory(temporaryDirectory(t), IDENTITIES);
  const state = new StateFileInChaos(temporaryDirectory(t));
  const chaos = { random, edge, clock, upstreams, tokens, state, logReader: true, reads: 0, starts: 1 } as Chaos;
  const log = createLog("info", { write: (line) => (chaos.logReader ? edge.print(line) : undefined) }, clock.now);
  const unwatch = edge.onSignal((signal) =>
    signal === "SIGHUP" ? chaos.served.refreshNow() : log.onSignalIgnored(signal),
  );
  const flags = [`--auth-token-file=${tokens.path}`, `--state-file=${state.path}`, "--state-medium=any"];
  const start = async () => await serveForTest({ edge, upstreams, flags, observers: [log] });
  t.after(async () => {
    unwatch();
    await chaos.served.close();
  });
  return Object.assign(chaos, { start, served: await start() });
}

/** The sidecar is restarted. What it served before it serves again, unless the file was spoilt. */
async function restart(chaos: Chaos): Promise<void> {
  const { tokens, state, served, start } = chaos;
  tokens.restore();
  await served.close();
  const isWhole = state.isAsWritten();
  const lasting = served.status().identities.filter(({ cached }) => cached?.lifetime.kind === "until");
  chaos.served = await start();
  chaos.starts += 1;
  for (const { identity, state: before, cached } of isWhole ? lasting : []) {
    if (before !== "cached") continue;
    const after = chaos.served.status().identities.find((one) => one.identity === identity);
    assert.equal(after?.cached?.accessKeyIdEnding, cached?.accessKeyIdEnding, "a restart loses nothing");
  }
}

/** Something goes wrong, or right again. */
async function disturb(chaos: Chaos): Promise<void> {
  const { random, edge, clock, upstreams, tokens, state, served } = chaos;
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2: {
      const upstream = upstreams[random.pick(IDENTITIES)];
      if (upstream !== undefined)
        Object.assign(upstream, { behaviour: anyBehaviour(random), latency: random.below(14_000) });
      return;
    }
    case 3:
      return tokens.disturb(random);
    case 4:
      return clock.jump(anyJump(random));
    case 5:
      edge.signal(random.pick(["SIGHUP", "SIGUSR1", "SIGUSR2"]));
      edge.reject({ error: "TypeError", errorCode: undefined, frames: [] });
      return;
    case 6:
      chaos.logReader = !chaos.logReader;
      return;
    case 7:
      return state.disturb(random);
    case 8:
      return await restart(chaos);
    default: {
      const url = random.pick([served.url, served.adminUrl]);
      const heard = await sendBytes(url, Buffer.from(random.pick(hostileBytes), "latin1"), { end: true });
      assert.doesNotMatch(heard, /fake-secret|ASIAFAKE/, "no hostile bytes get credentials");
    }
  }
}

/** What is promised whatever has happened. */
async function assertPromises(chaos: Chaos): Promise<void> {
  const { served } = chaos;
  const [livez, readyz, metrics, status] = await Promise.all(
    ["livez", "readyz", "metrics", "status"].map((path) => get(`${served.adminUrl}/${path}`, { agent: false })),
  );
  assert.equal(livez?.status, 200, "a probe is answered");
  const identities: readonly boolean[] = await Promise.all(IDENTITIES.map((name) => assertIdentity(chaos, name)));
  assert.equal(readyz?.status, identities.every(Boolean) ? 200 : 503, "ready means loaded and not expired");
  for (const text of [metrics?.text, status?.text]) assert.doesNotMatch(text ?? "", /fake-secret|fake-token-\d/);
}

/** Reads one identity by its own token and by another's. Resolves with whether it has credentials. */
async function assertIdentity(chaos: Chaos, name: (typeof IDENTITIES)[number]) {
  const { served, clock, upstreams, tokens } = chaos;
  const upstream = upstreams[name];
  assert.ok(upstream);
  const state = served.status().identities.find(({ identity }) => identity === name)?.state;
  const url = `${served.url}/v1/credentials/${name}`;
  const other = IDENTITIES.find((one) => one !== name) ?? "";
  const foreign = await get(url, { agent: false, headers: { Authorization: tokens.tokenOf(other) } });
  assert.ok(foreign.status === 403 || foreign.status === 401, `another identity's token gets ${foreign.status}`);
  if (state !== "cached") return false;
  const { status, text } = await get(url, { agent: false, headers: { Authorization: tokens.tokenOf(name) } });
  if (status === 401) return true;
  assert.equal(status, 200, "what is cached is served, whatever upstream does");
  chaos.reads += 1;
  const { AccessKeyId, Expiration } = JSON.parse(text);
  const real = upstream.expirationOf(AccessKeyId);
  assert.ok(real > clock.now(), "nothing is served after its real expiration");
  assert.ok(Date.parse(Expiration) <= real - MARGIN_MS, "an unrecognised client gets the honest expiration");
  return true;
}

test(`keeps its promises through an hour of chaos, seed ${SEED}`, async (t) => {
  const chaos = await begin(t, randomFrom(SEED));
  const { clock, random, edge, upstreams, tokens } = chaos;
  for (let passed = 0; passed < HOUR; ) {
    await disturb(chaos);
    const step = SECOND + random.below(40 * SECOND);
    await clock.advance(step);
    passed += step;
    await assertPromises(chaos);
  }
  for (const [name, { calls }] of Object.entries(upstreams)) {
    const most = MOST_CALLS + MOST_CALLS_PER_START * (chaos.starts - 1);
    assert.ok(calls.length <= most, `${calls.length} calls of ${name}'s upstream in an hour`);
  }
  assert.doesNotMatch(
    [...edge.out, ...edge.err].join(""),
    /fake-secret|fake-token-(?:\d|of)/,
    "no output holds a secret",
  );
  tokens.restore();
  for (const upstream of Object.values(upstreams))
    Object.assign(upstream, { behaviour: { kind: "issues", lifetime: HOUR }, latency: 100 });
  await clock.advance(10 * MINUTE);
  assert.ok(chaos.served.status().ready, "it recovers by itself");
  assert.ok(chaos.reads > 20, "there was something to lose");
});
