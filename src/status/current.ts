/** The status of a running sidecar, gathered from its parts. */
import type { CredentialCache } from "../cache/credential-cache.ts";
import type { Edge } from "../edge.ts";
import type { Resolved } from "../settings/resolve.ts";
import { formatAddress, type ListenAddress } from "../settings/values.ts";
import type { History } from "../telemetry/history.ts";
import type { StormWatch } from "../telemetry/storms.ts";
import { DEFAULT_IDENTITY } from "../upstream/create.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { configuredFor } from "./configured.ts";
import { type IdentityInput, type Status, statusOf } from "./status.ts";

export interface CurrentInput extends Pick<Resolved, "settings" | "aws"> {
  readonly edge: Pick<Edge, "clock" | "hostname">;
  readonly identities: ReadonlyMap<
    string,
    { readonly upstream: Pick<Upstream, "description">; readonly cache: CredentialCache }
  >;
  readonly storms: Pick<StormWatch, "storming">;
  readonly history: History;
}

export interface CurrentStatus {
  readonly now: () => Status;
  /** Takes the addresses in use: where the settings say port 0, the system has chosen one. */
  readonly listens: (credentialsAt: readonly ListenAddress[]) => void;
}

/** Counts the sidecar's uptime from the moment of this call. */
export function currentStatus(input: CurrentInput): CurrentStatus {
  const { settings, edge, storms, history } = input;
  const startedAt = edge.clock.now();
  let credentialsAt = settings.listen;
  const now = (): Status => {
    const at = edge.clock.now();
    return statusOf({
      hostname: edge.hostname,
      startedAt,
      now: at,
      credentialsAt: credentialsAt.map(formatAddress),
      settings: {
        minimumLifetimeMs: settings["minimum-lifetime"],
        marginMs: settings["expiration-margin"],
        padding: settings.padding === "auto",
      },
      identities: identitiesOf(input),
      clients: history.clients.list(at),
      refusals: history.refusals.list(at),
      drops: history.drops.list(at),
      storming: storms.storming(at),
      stateFile: stateFileOf(settings["state-file"], history),
    });
  };
  const listens = (addresses: readonly ListenAddress[]) => {
    credentialsAt = addresses;
  };
  return { now, listens };
}

function stateFileOf(path: string | undefined, { stateFault: fault }: History): Status["stateFile"] {
  return path === undefined ? undefined : { path, fault };
}

/** The first profile is the default identity, and is served under its own name too. */
function identitiesOf({ settings, aws, identities, history }: CurrentInput): readonly IdentityInput[] {
  const configured = configuredFor(settings, aws);
  const [firstProfile] = settings.profiles ?? [];
  return [...identities].map(([identity, { upstream, cache }]) => ({
    identity,
    servedAs: identity === DEFAULT_IDENTITY && firstProfile !== undefined ? [identity, firstProfile] : [identity],
    upstream: upstream.description,
    configured,
    cache: cache.state,
    outage: history.outages.of(identity),
    facts: history.facts.of(identity),
    calls: history.calls.of(identity),
  }));
}
