/** The status of a running sidecar, gathered from its parts. */
import type { CredentialCache } from "../cache/credential-cache.ts";
import type { Resolved } from "../settings/resolve.ts";
import { formatAddress, type ListenAddress } from "../settings/values.ts";
import type { History } from "../telemetry/history.ts";
import type { StormWatch } from "../telemetry/storms.ts";
import { DEFAULT_IDENTITY } from "../upstream/create.ts";
import { configuredFor } from "./configured.ts";
import { type IdentityInput, type Status, statusOf } from "./status.ts";

export interface CurrentInput
  extends Pick<Resolved, "settings" | "aws">,
    Pick<Status, "hostname" | "startedAt" | "now"> {
  readonly credentialsAt: readonly ListenAddress[];
  readonly identities: ReadonlyMap<string, { readonly upstream: string; readonly cache: CredentialCache }>;
  readonly storms: Pick<StormWatch, "storming">;
  readonly history: History;
}

export function currentStatus(input: CurrentInput): Status {
  const { settings, hostname, startedAt, now, credentialsAt, storms, history } = input;
  return statusOf({
    hostname,
    startedAt,
    now,
    credentialsAt: credentialsAt.map(formatAddress),
    settings: {
      minimumLifetimeMs: settings["minimum-lifetime"],
      marginMs: settings["expiration-margin"],
      padding: settings.padding === "auto",
    },
    identities: identitiesOf(input),
    clients: history.clients.list(now),
    refusals: history.refusals.list(now),
    drops: history.drops.list(now),
    storming: storms.storming(now),
  });
}

/** The first profile is the default identity, and is served under its own name too. */
function identitiesOf({ settings, aws, identities, history }: CurrentInput): readonly IdentityInput[] {
  const configured = configuredFor(settings, aws);
  const [firstProfile] = settings.profiles ?? [];
  return [...identities].map(([identity, { upstream, cache }]) => ({
    identity,
    servedAs: identity === DEFAULT_IDENTITY && firstProfile !== undefined ? [identity, firstProfile] : [identity],
    upstream,
    configured,
    cache: cache.state,
    outage: history.outages.of(identity),
    facts: history.facts.of(identity),
    calls: history.calls.of(identity),
  }));
}
