import type { Edge } from "../edge.ts";
import type { Settings } from "../settings/table.ts";
import { AwsUpstream } from "./aws-upstream.ts";
import { createDemoUpstream } from "./demo.ts";
import type { SessionDuration } from "./requested-duration.ts";
import { SessionDurations } from "./session-durations.ts";
import type { StsAnswer } from "./sts-regions.ts";
import type { Upstream } from "./upstream.ts";

/** An identity to serve: its name in the path, and where its credentials come from. */
export interface IdentitySource {
  readonly name: string;
  readonly upstream: Upstream;
}

export interface UpstreamEvents {
  /** At the first session whose duration is ours to set, and when it changes. */
  readonly onSessionDuration: (identity: string, duration: SessionDuration) => void;
  /** STS's clock less ours, in ms, by the `Date` of each of its answers, which is in whole seconds. */
  readonly onClockOffset?: (identity: string, offset: number) => void;
  /** An attempt succeeded with an answer of STS, at other than a configured endpoint. */
  readonly onStsAnswer?: (identity: string, answer: StsAnswer) => void;
}

/**
 * The identities that the settings ask for: `default`, and one for each further profile. With `onlyRegion` each asks STS
 * there and nowhere else.
 */
export function createIdentities(
  settings: Settings,
  edge: Edge,
  events: UpstreamEvents,
  onlyRegion?: string,
): readonly IdentitySource[] {
  const { upstream: kind, profiles = [undefined] } = settings;
  if (kind === "demo") return [{ name: DEFAULT_IDENTITY, upstream: createDemoUpstream(edge) }];
  const durations = new SessionDurations();
  return profiles.map((profile, index) => {
    const name = profile === undefined || index === 0 ? DEFAULT_IDENTITY : profile;
    const onSessionDuration = (duration: SessionDuration) => events.onSessionDuration(name, duration);
    const onClockOffset = (offset: number) => events.onClockOffset?.(name, offset);
    const onStsAnswer = (answer: StsAnswer) => events.onStsAnswer?.(name, answer);
    const told = { onSessionDuration, onClockOffset, onStsAnswer };
    const profileKind = profile !== undefined && kind === "auto" ? "profile" : kind;
    return {
      name,
      upstream: new AwsUpstream({ kind: profileKind, profile, settings, edge, onlyRegion, durations, ...told }),
    };
  });
}

export const DEFAULT_IDENTITY = "default";
