import assert from "node:assert/strict";
import { attempt } from "../../src/cache/attempt.ts";
import type { AttemptEvent } from "../../src/cache/events.ts";
import type { Credentials } from "../../src/credentials.ts";
import { type Edge, systemClock } from "../../src/edge.ts";
import { resolveSettings } from "../../src/settings/resolve.ts";
import { createIdentities } from "../../src/upstream/create.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import type { SessionDuration } from "../../src/upstream/requested-duration.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import { createCache } from "./credential-cache.ts";
import { EPOCH, FakeClock } from "./fake-clock.ts";
import { fakeEdge } from "./fake-edge.ts";
import { CANARY } from "./thrown.ts";

export interface TestIdentities {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** Durations that were asked for and allowed, in seconds: at the first session, and at each change. */
  readonly steps: readonly (readonly [asked: number, allowed: number])[];
}

/** The identities that `flags` and this process's environment ask for, by the real SDK. */
export function identitiesOf(flags: readonly string[], given: Partial<Edge> = {}): TestIdentities {
  const resolution = resolveSettings(flags, process.env);
  if (resolution.kind === "problems") throw new Error(JSON.stringify(resolution.problems));
  const edge: Edge = { ...fakeEdge(), clock: systemClock, env: process.env, ...given };
  const steps: [number, number][] = [];
  const onSessionDuration = (_: string, { askedSeconds, allowedSeconds }: SessionDuration) =>
    void steps.push([askedSeconds, allowedSeconds]);
  const sources = createIdentities(resolution.settings, edge, { onSessionDuration });
  return { upstreams: new Map(sources.map(({ name, upstream }) => [name, upstream])), steps };
}

/** The upstream of the default identity. */
export function defaultUpstream(flags: readonly string[], given: Partial<Edge> = {}): Upstream {
  const { upstreams } = identitiesOf(flags, given);
  const upstream = upstreams.get("default");
  if (upstream === undefined) throw new Error("no default identity");
  return upstream;
}

/** One attempt, as the credential cache makes it. */
export async function fetchOnce(upstream: Upstream): Promise<Credentials> {
  return await attempt(upstream, systemClock);
}

/** How one attempt fails; that it does not is a failure of the test. */
export async function failureOf(upstream: Upstream): Promise<UpstreamFailure> {
  try {
    await fetchOnce(upstream);
  } catch (thrown) {
    assert.ok(thrown instanceof UpstreamFailure, "everything that an attempt throws is classified");
    return thrown;
  }
  throw new assert.AssertionError({ message: "upstream gave credentials" });
}

/** A fake clock that agrees with the SDK's, which is this machine's. */
export function clockOfToday(): FakeClock {
  const clock = new FakeClock();
  clock.jump(systemClock.now() - EPOCH);
  return clock;
}

/** Beside the canary there is a word in the form of Node's error codes: those are repeated when they are known. */
export const SAID = `ECANARY ${CANARY}`;

export function assertTellsNothing({ message, upstreamCode = "" }: UpstreamFailure): void {
  assert.doesNotMatch(`${message} ${upstreamCode}`, new RegExp(`ECANARY|${CANARY}`));
}

/**
 * Loads a credential cache from a healthy upstream, lets `turnBad` spoil the next answer, and gives how that attempt failed.
 * Asserts that the credential cache keeps what it held, and that the failure repeats nothing of what upstream said.
 */
export async function failsAndKeeps(upstream: Upstream, turnBad: () => void): Promise<UpstreamFailure> {
  const clock = clockOfToday();
  let ended = Promise.withResolvers<AttemptEvent>();
  const { cache } = createCache({ clock, upstream, onAttempt: (event) => ended.resolve(event) });
  cache.start();
  try {
    const first = await ended.promise;
    assert.equal(first.outcome.kind, "refreshed", "the healthy answer is taken");
    const cached = cache.current();
    ended = Promise.withResolvers();
    turnBad();
    await clock.waitForTimer();
    await clock.advance(first.nextRefreshAt - clock.now());
    const { outcome } = await ended.promise;
    assert.ok(cached !== undefined && cache.current() === cached, "what was held is held still");
    assert.ok(outcome.kind === "failed", `the spoilt answer is refused, not ${outcome.kind}`);
    assertTellsNothing(outcome.failure);
    return outcome.failure;
  } finally {
    cache.stop();
  }
}
