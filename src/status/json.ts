/**
 * The status as a JSON document (`GET /status`), and back. Times are `YYYY-MM-DDTHH:MM:SSZ`, durations have their unit in
 * their name, and what is not known is left out.
 *
 * `identities[].lifetime` is `until` (with `expiration`), `unlimited` (static keys) or `unknown` (a session whose end
 * upstream does not tell). `identities[].failure.class` and `refusals[].reason` are the codes of the log and the metrics.
 */
import type { Lifetime } from "../credentials.ts";
import type { ReasonCount } from "../telemetry/reason-counts.ts";
import { formatTime, SECOND, wholeSeconds } from "../time.ts";
import { version } from "../version.ts";
import type { ClientStatus } from "./client-status.ts";
import type { CachedStatus, IdentityStatus, Status } from "./status.ts";

export type StatusDocument = ReturnType<typeof statusJson>;
type IdentityDocument = ReturnType<typeof identityJson>;
type ClientDocument = ReturnType<typeof clientJson>;

export function statusJson(status: Status) {
  const { hostname, startedAt, now, ready, credentialsAt, settings, storming, stateFile } = status;
  const { minimumLifetimeMs, marginMs, padding } = settings;
  return {
    version: status.version,
    hostname,
    started: formatTime(startedAt),
    now: formatTime(now),
    ready,
    credentialsAt,
    settings: { minimumLifetimeSeconds: minimumLifetimeMs / SECOND, marginSeconds: marginMs / SECOND, padding },
    identities: status.identities.map((identity) => identityJson(identity, now)),
    clients: status.clients.map(clientJson),
    refusals: status.refusals.map(countJson),
    drops: status.drops.map(countJson),
    storming,
    stateFile,
  };
}

function identityJson(given: IdentityStatus, now: number) {
  const { identity, servedAs, upstream, configured, state, cached, nextRefreshAt, failure, outage, facts } = given;
  return {
    identity,
    servedAs,
    upstream,
    configured,
    state,
    ...(cached && cachedJson(cached, now)),
    nextRefresh: optionalTime(nextRefreshAt),
    failure: failure && {
      class: failure.kind,
      message: failure.message,
      code: failure.upstreamCode,
      remedy: failure.remedy,
    },
    outage: outage && { ...outage, since: formatTime(outage.since) },
    clockOffsetSeconds: facts.clockOffsetMs === undefined ? undefined : Math.round(facts.clockOffsetMs / SECOND),
    durationSteppedDown: facts.steppedDown,
    fallbackRegion: facts.fallback,
    calls: given.calls.map(({ at, ...call }) => ({ at: formatTime(at), ...call })),
  };
}

function cachedJson({ obtainedAt, lifetime, honestExpiration, ...cached }: CachedStatus, now: number) {
  return {
    ...cached,
    obtained: formatTime(obtainedAt),
    lifetime: lifetime.kind,
    expiration: lifetime.kind === "until" ? formatTime(lifetime.expiration) : undefined,
    honestExpiration: formatTime(honestExpiration),
    honestSecondsLeft: wholeSeconds(honestExpiration - now),
  };
}

function clientJson({ lastReadAt, reported, remedy, ...client }: ClientStatus) {
  const { advisorySeconds, shortestAdvisorySeconds, mandatorySeconds, ...rest } = client;
  return {
    ...rest,
    lastRead: formatTime(lastReadAt),
    reported: reported && {
      at: formatTime(reported.at),
      expiration: formatTime(reported.expiration),
      secondsLeft: wholeSeconds(reported.expiration - reported.at),
    },
    advisoryWindowSeconds: advisorySeconds,
    shortestAdvisoryWindowSeconds: shortestAdvisorySeconds,
    mandatoryWindowSeconds: mandatorySeconds,
    remedy,
  };
}

function countJson<Reason extends string>({ lastAt, ...count }: ReasonCount<Reason>) {
  return { ...count, last: formatTime(lastAt) };
}

function optionalTime(at: number | undefined): string | undefined {
  return at === undefined ? undefined : formatTime(at);
}

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
  const { durationSteppedDown: steppedDown, fallbackRegion: fallback } = document;
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
    },
    outage: outage && { ...outage, since: instant(outage.since) },
    facts: {
      ...(clockOffsetSeconds === undefined ? {} : { clockOffsetMs: clockOffsetSeconds * SECOND }),
      ...(steppedDown && { steppedDown }),
      ...(fallback && { fallback }),
    },
    calls: document.calls.map(({ at, tookMs, result, message, ...more }) => ({
      ...{ at: instant(at), tookMs, result, message },
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
