/** What a credential cache is made of, and what it shows of itself. */
import type { Edge } from "../edge.ts";
import type { UpstreamFailure } from "../upstream/failure.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { CachedCredentials } from "./cached-credentials.ts";
import type { CredentialCacheEvents } from "./events.ts";

/** What is known about one identity. Instants by the wall clock. */
export interface CacheState {
  readonly cached: CachedCredentials | undefined;
  /** The failure of the last attempt; undefined when it succeeded or none has ended. */
  readonly failure: UpstreamFailure | undefined;
  readonly nextRefreshAt: number | undefined;
}

export interface CredentialCacheOptions {
  readonly identity: string;
  readonly upstream: Upstream;
  readonly minimumLifetimeMs: number;
  readonly marginMs: number;
  readonly edge: Pick<Edge, "clock" | "random">;
  readonly events: CredentialCacheEvents;
}
