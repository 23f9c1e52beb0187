/** Reads the status document back, for `doctor`. Pure. */
import type { Lifetime } from "../credentials.ts";
import type { ReasonCount } from "../telemetry/reason-counts.ts";
import { SECOND } from "../time.ts";
import { version } from "../version.ts";
import type { ClientStatus } from "./client-status.ts";
import type { ClientDocument, IdentityDocument, StatusDocument } from "./json.ts";
import type { CachedStatus, IdentityStatus, Status } from "./status.ts";

/**
 * The status that a document was made from, to the second. Undefined for a document of another version, which may mean
 * other things by the same names, and for anything that is no status.
 */
export function parseStatus(document: unknown): Status | undefined {
  if (Object(document).version !== version) return undefined;
  try {
    return statusIn(document as StatusDocument);
  } catch {
    return undefined;
  }
}

function statusIn({
  started,
  now,
  settings,
  identities,
  clients,
  refusals,
  drops,
  stateFile,
  problems: _,
  ...rest
}: StatusDocument): Status {
  const { minimumLifetimeSeconds, marginSeconds, padding } = settings;
  return {
    ...rest,
    startedAt: instant(started),
    now: instant(now),
    settings: { minimumLifetimeMs: minimumLifetimeSeconds * SECOND, marginMs: marginSeconds * SECOND, padding },
    identities: identities.map(identityIn),
    clients: clients.map(clientIn),
    refusals: refusals.map(countIn),
    drops: drops.map(countIn),
    stateFile: stateFile && { path: stateFile.path, fault: stateFile.fault },
  };
}

function identityIn(document: IdentityDocument): IdentityStatus {
  const { identity, servedAs, upstream, configured, state, failure, outage, clockOffsetSeconds } = document;
  const { sessionDuration, fallbackRegion: fallback } = document;
  const facts = {
    identity,
    servedAs,
    upstream,
    configured,
    nextRefreshAt: optionalInstant(document.nextRefresh),
    failure: failure && {
      kind: failure.class,
      message: failure.message,
      upstreamCode: failure.code,
      remedy: failure.remedy,
      step: { line: failure.line, command: failure.command },
    },
    outage: outage && { ...outage, since: instant(outage.since) },
    facts: {
      ...(clockOffsetSeconds === undefined ? {} : { clockOffsetMs: clockOffsetSeconds * SECOND }),
      ...(sessionDuration && { sessionDuration }),
      ...(fallback && { fallback }),
    },
    calls: document.calls.map(({ first, at, times, tookMs, result, message, ...more }) => ({
      ...{ times, firstAt: instant(first), at: instant(at), tookMs, result, message },
      ...(more.forced && { forced: more.forced }),
    })),
  };
  return state === "loading" ? { ...facts, state, cached: undefined } : { ...facts, state, cached: cachedIn(document) };
}

function cachedIn(given: IdentityDocument): CachedStatus {
  const { roleArn, accountId, sts, accessKeyIdEnding, fromState, ...document } = given;
  return {
    roleArn,
    accountId,
    sts,
    accessKeyIdEnding: accessKeyIdEnding ?? "",
    obtainedAt: instant(document.obtained),
    lifetime: lifetimeIn(document),
    honestExpiration: instant(document.honestExpiration),
    ...(fromState && { fromState }),
  };
}

function lifetimeIn({ lifetime: kind, expiration }: Pick<IdentityDocument, "lifetime" | "expiration">): Lifetime {
  return kind === "unlimited" || kind === "unknown" ? { kind } : { kind: "until", expiration: instant(expiration) };
}

function clientIn({ lastRead, reported, remedy, version: agent, ...document }: ClientDocument): ClientStatus {
  const { advisoryWindowSeconds, shortestAdvisoryWindowSeconds, mandatoryWindowSeconds, ...rest } = document;
  return {
    ...rest,
    version: agent,
    lastReadAt: instant(lastRead),
    reported: reported && { at: instant(reported.at), expiration: instant(reported.expiration) },
    advisorySeconds: advisoryWindowSeconds,
    shortestAdvisorySeconds: shortestAdvisoryWindowSeconds,
    mandatorySeconds: mandatoryWindowSeconds,
    remedy: remedy && { text: remedy.text, line: remedy.line },
  };
}

function countIn<Reason extends string>({ last, ...count }: Omit<ReasonCount<Reason>, "lastAt"> & { last: string }) {
  return { ...count, lastAt: instant(last) };
}

function optionalInstant(text: string | undefined): number | undefined {
  return text === undefined ? undefined : instant(text);
}

/** Throws where there is no time. */
function instant(text: string | undefined): number {
  const at = Date.parse(text ?? "");
  if (Number.isNaN(at)) throw new Error("not a time");
  return at;
}
