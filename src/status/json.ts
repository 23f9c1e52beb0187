/**
 * The status as a JSON document (`GET /status`); `parse-status.ts` reads it back. Times are `YYYY-MM-DDTHH:MM:SSZ`, durations have their unit in
 * their name, and what is not known is left out.
 *
 * `identities[].lifetime` is `until` (with `expiration`), `unlimited` (static keys) or `unknown` (a session whose end
 * upstream does not tell). `problems[]` is what the page says on top: `sentence`, since when (`history`), what to do
 * (`remedy`), and the `line` to write or the `command` to run where one is enough. `identities[].failure.class` and `refusals[].reason` are the codes of the log and the metrics.
 */
import type { ReasonCount } from "../telemetry/reason-counts.ts";
import { formatTime, SECOND, wholeSeconds } from "../time.ts";
import type { ClientStatus } from "./client-status.ts";
import type { CachedStatus, IdentityStatus, Status } from "./status.ts";
import { problemsOf } from "./summary.ts";

export type StatusDocument = ReturnType<typeof statusJson>;
export type IdentityDocument = ReturnType<typeof identityJson>;
export type ClientDocument = ReturnType<typeof clientJson>;

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
    problems: problemsOf(status),
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
      ...failure.step,
    },
    outage: outage && { ...outage, since: formatTime(outage.since) },
    clockOffsetSeconds: facts.clockOffsetMs === undefined ? undefined : Math.round(facts.clockOffsetMs / SECOND),
    sessionDuration: facts.sessionDuration,
    fallbackRegion: facts.fallback,
    calls: given.calls.map(({ firstAt, at, ...call }) => ({ first: formatTime(firstAt), at: formatTime(at), ...call })),
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
