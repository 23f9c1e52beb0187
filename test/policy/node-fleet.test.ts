/** The numbers of examples/kubernetes/README.md: a fleet whose pods ask STS themselves, and one whose nodes do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Credentials } from "../../src/credentials.ts";
import type { Random } from "../../src/policy/random.ts";
import { refreshAt, retryUnchangedAt } from "../../src/policy/refresh-schedule.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { textOf } from "../support/monitoring.ts";
import { seeded } from "../support/seeded.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const PODS = 9_990;
const PODS_PER_NODE = 30;
const MINIMUM_LIFETIME_MS = 25 * MINUTE;
const MARGIN_MS = MINUTE;
/** Of which the first two hours, in which a fleet that started together spreads, are not counted. */
const HOURS = 8;
const COUNTED_FROM = EPOCH + 2 * HOUR;
const UNTIL = EPOCH + HOURS * HOUR;

/** A session as a sidecar holds it. */
interface Held {
  readonly at: number;
  readonly credentials: Credentials;
}

/** The sessions of a sidecar that asks STS, in order. */
function sessionsOf(random: Random): readonly Held[] {
  const sessions: Held[] = [];
  for (let at = EPOCH; at < UNTIL; ) {
    const credentials = fakeCredentials(at + HOUR);
    const spread = sessions.length === 0 ? "wide" : "narrow";
    sessions.push({ at, credentials });
    at = refreshAt({ credentials, obtainedAt: at, minimumLifetimeMs: MINIMUM_LIFETIME_MS, spread, random });
  }
  return sessions;
}

const callsPerSecond = (sidecars: readonly (readonly Held[])[]): number =>
  sidecars.flat().filter(({ at }) => at >= COUNTED_FROM).length / ((UNTIL - COUNTED_FROM) / SECOND);

/** What the node's sidecar reports to a pod's at `now`: the honest expiration. */
function reportedBy(node: readonly Held[], now: number): Credentials {
  const { credentials } = node.findLast(({ at }) => at <= now) ?? assert.fail("the node has nothing yet");
  return { ...credentials, lifetime: { kind: "until", expiration: expirationOf(credentials) - MARGIN_MS } };
}

function expirationOf({ lifetime }: Credentials): number {
  return lifetime.kind === "until" ? lifetime.expiration : assert.fail("a session ends");
}

/** The least honest lifetime that an application sees behind this node, and how often its pod's sidecar asks the node. */
function lifeOfPod(node: readonly Held[], random: Random): { readonly leastMs: number; readonly asks: number } {
  let credentials = reportedBy(node, EPOCH);
  let obtainedAt = EPOCH;
  let [leastMs, asks] = [Number.POSITIVE_INFINITY, 0];
  const minimumLifetimeMs = MINIMUM_LIFETIME_MS;
  let next = refreshAt({ credentials, obtainedAt, minimumLifetimeMs, spread: "wide", random });
  for (let now = next; now < UNTIL; now = next) {
    asks += 1;
    leastMs = Math.min(leastMs, expirationOf(credentials) - MARGIN_MS - now);
    const given = reportedBy(node, now);
    if (given.accessKeyId === credentials.accessKeyId) next = retryUnchangedAt(now, credentials, random);
    else {
      [credentials, obtainedAt] = [given, now];
      next = refreshAt({ credentials, obtainedAt, minimumLifetimeMs, spread: "narrow", random });
    }
  }
  return { leastMs, asks };
}

test("a sidecar for each node divides the calls at STS by the pods of a node, as the README of the examples says", () => {
  const random = seeded(1);
  const alone = callsPerSecond(Array.from({ length: PODS }, () => sessionsOf(random)));
  const nodes = Array.from({ length: PODS / PODS_PER_NODE }, () => sessionsOf(random));
  const shared = callsPerSecond(nodes);
  const pods = nodes.map((node) => lifeOfPod(node, random));
  const least = Math.floor(Math.min(...pods.map(({ leastMs }) => leastMs)) / MINUTE);
  const asksAnHour = pods.reduce((sum, { asks }) => sum + asks, 0) / pods.length / HOURS;
  const said = textOf("examples/kubernetes/README.md").replaceAll(/\s+/g, " ");
  for (const sentence of [
    `10,000 pods that assume a role for an hour make ${alone.toFixed(1)} calls a second at STS. On 333 nodes with a sidecar each they make ${shared.toFixed(1)}`,
    `asks its node ${asksAnHour.toFixed(0)} times an hour`,
    `applications still have at least ${least} minutes left`,
  ]) {
    assert.ok(said.includes(sentence), `the README does not say: ${sentence}`);
  }
});
