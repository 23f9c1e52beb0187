/** One call of each upstream, as the sidecar would make it. */
import { attempt } from "../../cache/attempt.ts";
import { judge } from "../../cache/outcome.ts";
import type { Edge } from "../../edge.ts";
import type { Settings } from "../../settings/table.ts";
import { UpstreamFactsSeen } from "../../telemetry/upstream-facts.ts";
import { classify } from "../../upstream/classify.ts";
import { createIdentities, type IdentitySource } from "../../upstream/create.ts";
import { diagnose, type Probe } from "./diagnosis.ts";
import type { Finding } from "./finding.ts";

export async function probeUpstreams(settings: Settings, edge: Edge): Promise<readonly Finding[]> {
  const seen = new UpstreamFactsSeen();
  const sources = createIdentities(settings, edge, {
    onDurationSteppedDown: (identity, from, to) => seen.onDurationSteppedDown(identity, from, to),
    onClockOffset: (identity, offsetMs) => seen.onClockOffset(identity, offsetMs),
  });
  const marginMs = settings["expiration-margin"];
  const policy = { minimumLifetimeMs: settings["minimum-lifetime"], marginMs, padding: settings.padding === "auto" };
  const findings = sources.map(async (source) => {
    const { name: identity, upstream } = source;
    const probe = await probeOf(source, edge, marginMs);
    const now = edge.clock.now();
    const { steppedDown, clockOffsetMs } = seen.of(identity);
    return diagnose({ identity, upstream: upstream.description, probe, now, policy, steppedDown, clockOffsetMs });
  });
  return (await Promise.all(findings)).flat();
}

async function probeOf({ upstream }: IdentitySource, { clock }: Edge, marginMs: number): Promise<Probe> {
  const startedAt = clock.now();
  const took = () => clock.now() - startedAt;
  try {
    const credentials = await attempt(upstream, clock);
    const now = clock.now();
    const outcome = judge({ given: credentials, cached: undefined, isCurrent: false, isForced: false, now, marginMs });
    if (outcome.kind === "failed") return { ...outcome, tookMs: took() };
    return { kind: "reached", credentials: outcome.cached.credentials, tookMs: took() };
  } catch (thrown) {
    return { kind: "failed", failure: classify(thrown, clock.now()), tookMs: took() };
  }
}
