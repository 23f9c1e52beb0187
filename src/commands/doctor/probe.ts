/** One call of each upstream, as the sidecar would make it; and one more, to learn what the role would allow. */

import { attempt } from "../../cache/attempt.ts";
import { judge } from "../../cache/outcome.ts";
import type { Edge } from "../../edge.ts";
import type { Settings } from "../../settings/table.ts";
import { HOUR } from "../../time.ts";
import { createIdentities, type IdentitySource } from "../../upstream/create.ts";
import { classify } from "../../upstream/failure.ts";
import { diagnose, type Probe, sessionLength } from "./diagnosis.ts";
import type { Finding } from "./finding.ts";

export async function probeUpstreams(settings: Settings, edge: Edge): Promise<readonly Finding[]> {
  const steps = new Map<string, { readonly askedS: number; readonly allowedS: number }>();
  const offsets = new Map<string, number>();
  const sources = createIdentities(settings, edge, {
    onDurationSteppedDown: (identity, fromS, toS) =>
      void steps.set(identity, { askedS: steps.get(identity)?.askedS ?? fromS, allowedS: toS }),
    onClockOffset: (identity, offset) => void offsets.set(identity, offset),
  });
  const marginMs = settings["expiration-margin"];
  const policy = { minimumLifetimeMs: settings["minimum-lifetime"], marginMs, padding: settings.padding === "auto" };
  const findings = sources.map(async (source) => {
    const { name: identity, upstream } = source;
    const probe = await probeOf(source, edge, marginMs);
    const now = edge.clock.now();
    const clockOffset = offsets.get(identity);
    const longest = probe.kind === "reached" ? await longestSession(identity, settings, edge) : undefined;
    const measured = { steppedDown: steps.get(identity), clockOffset, longest };
    return diagnose({ identity, upstream: upstream.description, probe, now, policy, ...measured });
  });
  return (await Promise.all(findings)).flat();
}

async function probeOf({ upstream }: IdentitySource, { clock }: Edge, marginMs: number): Promise<Probe> {
  const startedAt = clock.now();
  const took = () => clock.now() - startedAt;
  try {
    const credentials = await attempt(upstream, clock);
    const outcome = judge({
      given: credentials,
      cached: undefined,
      isCurrent: false,
      now: clock.now(),
      marginMs,
    });
    if (outcome.kind === "failed") return { ...outcome, tookMs: took() };
    return { kind: "reached", credentials: outcome.cached.credentials, tookMs: took() };
  } catch (thrown) {
    return { kind: "failed", failure: classify(thrown, clock.now()), tookMs: took() };
  }
}

/** IAM: MaxSessionDuration is 1–12 h. */
const LONGEST = 12 * HOUR;

/**
 * The longest session that STS gives for the role, in ms, by stepping down from 12 h; undefined where STS is not asked,
 * or a policy forbids to ask for so much. What it gives is dropped.
 */
async function longestSession(identity: string, settings: Settings, edge: Edge): Promise<number | undefined> {
  if (settings["role-arn"] === undefined && settings.upstream !== "web-identity") return undefined;
  const { now } = edge.clock;
  // Only the last of the calls gives a session; a step ends the one before it.
  let startedAt = now();
  const onDurationSteppedDown = () => {
    startedAt = now();
  };
  const sources = createIdentities({ ...settings, duration: LONGEST }, edge, { onDurationSteppedDown });
  try {
    const source = sources.find(({ name }) => name === identity);
    const lifetime = source && (await attempt(source.upstream, edge.clock)).lifetime;
    if (lifetime?.kind !== "until") return undefined;
    return sessionLength(lifetime.expiration, { startedAt, endedAt: now() });
  } catch {
    return undefined;
  }
}
