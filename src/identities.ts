/** The identities that the sidecar serves, each with its credential cache. */
import { CredentialCache } from "./cache/credential-cache.ts";
import type { CredentialCacheEvents } from "./cache/events.ts";
import type { CacheState } from "./cache/options.ts";
import type { Edge } from "./edge.ts";
import type { Settings } from "./settings/table.ts";
import { DEFAULT_IDENTITY, type IdentitySource } from "./upstream/create.ts";
import type { Upstream } from "./upstream/upstream.ts";

export interface Identity {
  readonly upstream: Upstream;
  readonly cache: CredentialCache;
}

/** By the name of the identity. */
export type Identities = ReadonlyMap<string, Identity>;

/** Creates the credential cache of each identity, by name; none has started. */
export function createCaches(
  sources: readonly IdentitySource[],
  { settings, edge }: { readonly settings: Settings; readonly edge: Edge },
  events: CredentialCacheEvents,
): Identities {
  const minimumLifetimeMs = settings["minimum-lifetime"];
  const marginMs = settings["expiration-margin"];
  return new Map(
    sources.map(({ name, upstream }) => {
      const cache = new CredentialCache({
        identity: name,
        upstream,
        minimumLifetimeMs,
        marginMs,
        edge,
        events,
      });
      return [name, { upstream, cache }];
    }),
  );
}

/** The credential cache for each name in a path. The first profile is the default identity, and is served under both names. */
export function byServedName(identities: Identities, firstProfile: string | undefined) {
  const caches = new Map([...identities].map(([name, { cache }]) => [name, cache]));
  const first = caches.get(DEFAULT_IDENTITY);
  if (firstProfile !== undefined && first !== undefined) caches.set(firstProfile, first);
  return caches;
}

export function statesOf(identities: Identities): ReadonlyMap<string, CacheState> {
  return new Map([...identities].map(([name, { cache }]) => [name, cache.state]));
}
