/** How an attempt ended, and whether its answer replaces the cached credentials. Pure. */
import { type Credentials, isSameIdentity } from "../credentials.ts";
import { believed } from "../policy/lifetime.ts";
import { honestRemainingMs } from "../policy/reported-expiration.ts";
import { UpstreamFailure } from "../upstream/failure.ts";
import type { CachedCredentials } from "./cached-credentials.ts";

/** `unchanged` and `shorter` are answers that leave the cached credentials in place. */
export type Outcome =
  | { readonly kind: "refreshed"; readonly cached: CachedCredentials }
  | { readonly kind: "unchanged"; readonly cached: CachedCredentials }
  | { readonly kind: "shorter"; readonly cached: CachedCredentials }
  | { readonly kind: "failed"; readonly failure: UpstreamFailure };

export interface Answer {
  /** What upstream gave. */
  readonly given: Credentials;
  readonly cached: CachedCredentials | undefined;
  /** True when the cached credentials have honest lifetime left. */
  readonly isCurrent: boolean;
  /** True when somebody asked for new credentials, because the cached ones were revoked or their policy has changed. */
  readonly isForced: boolean;
  readonly now: number;
  readonly marginMs: number;
}

/**
 * Decides whether an answer replaces the cached credentials. A shorter answer of the same identity does not. An answer of
 * another role, account or kind of credentials means that the set-up has changed, and replaces them however short it is; so
 * does any other answer to a forced refresh.
 */
export function judge({ given, cached, isCurrent, isForced, now, marginMs }: Answer): Outcome {
  const credentials = believed(given, now);
  const isKnown = cached !== undefined && hasSameKeys(credentials, cached.credentials);
  if (honestRemainingMs(credentials, now, marginMs) <= 0 || (isKnown && !isCurrent)) {
    const message = "upstream gave credentials whose lifetime is over, or this clock is ahead";
    return { kind: "failed", failure: new UpstreamFailure("expired", message) };
  }
  if (isKnown && !endsSooner(credentials, cached.credentials)) return { kind: "unchanged", cached };
  if (cached !== undefined && isCurrent && !isForced && !isKnown && isShorter(credentials, cached.credentials)) {
    return { kind: "shorter", cached };
  }
  return { kind: "refreshed", cached: { credentials, obtainedAt: now, generation: (cached?.generation ?? 0) + 1 } };
}

/** Compares the secret too: someone may correct a mistyped static key under the same access key ID. */
function hasSameKeys(a: Credentials, b: Credentials): boolean {
  return (
    a.accessKeyId === b.accessKeyId && a.secretAccessKey === b.secretAccessKey && a.sessionToken === b.sessionToken
  );
}

/**
 * A program's latest answer always counts, because its author controls it. A service may answer from one of several
 * caches, so a session that ends sooner is an older answer. Two ends can be compared only when both are known.
 */
function isShorter(given: Credentials, cached: Credentials): boolean {
  if (given.fromProgram || cached.lifetime.kind !== "until") return false;
  return isSameIdentity(given, cached) && endsSooner(given, cached);
}

/** A known end is sooner than an unknown one. */
function endsSooner({ lifetime: given }: Credentials, { lifetime: cached }: Credentials): boolean {
  if (given.kind !== "until") return false;
  return cached.kind !== "until" || given.expiration < cached.expiration;
}
