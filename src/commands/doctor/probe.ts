/** One call of each upstream, as the sidecar would make it. */
import { attempt } from "../../cache/attempt.ts";
import { judge } from "../../cache/outcome.ts";
import type { StsRegion } from "../../credentials.ts";
import type { Edge } from "../../edge.ts";
import type { Resolved } from "../../settings/resolve.ts";
import { configuredFor } from "../../status/configured.ts";
import { UpstreamFactsSeen } from "../../telemetry/upstream-facts.ts";
import { classify } from "../../upstream/classify.ts";
import { createIdentities, type IdentitySource } from "../../upstream/create.ts";
import { diagnose, type Probe } from "./diagnosis.ts";
import type { Finding } from "./finding.ts";

export interface Probed {
  readonly findings: readonly Finding[];
  /** Where STS answered, by identity; undefined where another upstream did. Without those that failed. */
  readonly reached: ReadonlyMap<string, StsRegion | undefined>;
}

export async function probeUpstreams(
  { settings, aws }: Pick<Resolved, "settings" | "aws">,
  edge: Edge,
): Promise<Probed> {
  const seen = new UpstreamFactsSeen();
  const sources = createIdentities(settings, edge, {
    onSessionDuration: (identity, duration) => seen.onSessionDuration(identity, duration),
    onClockOffset: (identity, offsetMs) => seen.onClockOffset(identity, offsetMs),
    onStsAnswer: (identity, answer) => seen.onStsAnswer(identity, answer),
  });
  const marginMs = settings["expiration-margin"];
  const policy = { minimumLifetimeMs: settings["minimum-lifetime"], marginMs, padding: settings.padding === "auto" };
  const reached = new Map<string, StsRegion | undefined>();
  const findings = sources.map(async (source) => {
    const { name: identity, upstream } = source;
    const probe = await probeOf(source, edge, marginMs);
    const now = edge.clock.now();
    if (probe.kind === "reached") reached.set(identity, probe.credentials.sts);
    const { sessionDuration, clockOffsetMs, fallback } = seen.of(identity);
    const configured = configuredFor(settings, aws);
    const measured = { sessionDuration, clockOffsetMs, fallback };
    return diagnose({ identity, upstream: upstream.description, configured, probe, now, policy, ...measured });
  });
  return { findings: (await Promise.all(findings)).flat(), reached };
}

/** One attempt at a source, timed. */
export async function probeOf({ upstream }: IdentitySource, { clock }: Edge, marginMs: number): Promise<Probe> {
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
