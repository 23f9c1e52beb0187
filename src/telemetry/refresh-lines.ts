/** What the log says of each identity's refreshes. */
import type { CachedCredentials } from "../cache/cached-credentials.ts";
import type { Outcome } from "../cache/outcome.ts";
import { formatTime, HOUR, MINUTE, SECOND, wholeSeconds } from "../time.ts";
import type { Observer } from "./events.ts";
import type { Tell } from "./log.ts";
import { refreshFailedTexts } from "./messages.ts";

type RefreshLines = Pick<Observer, "onAttempt" | "onForced" | "onExpired" | "onRecovered">;

/** `isNews` is false when the same reason was logged less than `everyMs` ago. */
export function refreshLines(tell: Tell, isNews: (reason: string, everyMs: number) => boolean): RefreshLines {
  const toServe = new Map<string, keyof typeof refreshFailedTexts>();
  const notBelieved = (identity: string, { credentials: { lifetime } }: CachedCredentials) => {
    if (lifetime.kind === "until" || lifetime.claimed === undefined) return;
    const claimed = formatTime(lifetime.claimed);
    if (isNews(`${identity} claimed`, HOUR)) tell("ExpirationNotBelieved", { identity, claimed });
  };
  return {
    onForced({ identity, by, retryAfterMs }) {
      if (retryAfterMs === undefined) tell("RefreshForced", { identity, by });
      else if (isNews(`${identity} too soon`, MINUTE)) {
        tell("RefreshTooSoon", { identity, by, retryAfterSeconds: Math.ceil(retryAfterMs / SECOND) });
      }
    },
    onAttempt({ identity, outcome, isForced, tookMs, nextRefreshAt }) {
      const forced = isForced ? { forced: true } : {};
      const common = { identity, ...forced, tookMs: Math.round(tookMs), nextRefresh: formatTime(nextRefreshAt) };
      const line = lineOf(outcome, isForced);
      if (outcome.kind !== "failed") toServe.set(identity, "cached");
      const text = outcome.kind === "failed" ? refreshFailedTexts[toServe.get(identity) ?? "none"] : undefined;
      if (line !== undefined) tell(line.code, { ...common, ...line.fields }, text);
      if (outcome.kind === "refreshed") notBelieved(identity, outcome.cached);
    },
    onExpired({ identity, failures, failure }) {
      toServe.set(identity, "expired");
      tell("Expired", { identity, failures, class: failure?.kind, reason: failure?.message });
    },
    onRecovered: ({ identity, failures, failingForMs, wasExpired }) =>
      tell("Recovered", { identity, failures, failingForSeconds: wholeSeconds(failingForMs), wasExpired }),
  };
}

function lineOf(outcome: Outcome, isForced: boolean) {
  switch (outcome.kind) {
    case "refreshed": {
      const { lifetime, accountId, sts } = outcome.cached.credentials;
      const expiration = lifetime.kind === "until" ? formatTime(lifetime.expiration) : lifetime.kind;
      return { code: "Refreshed", fields: { expiration, accountId, stsRegion: sts?.region } } as const;
    }
    case "failed": {
      const { kind, message, upstreamCode, clockOffset } = outcome.failure;
      return { code: "RefreshFailed", fields: { class: kind, reason: message, upstreamCode, clockOffset } } as const;
    }
    case "unchanged":
      if (isForced) return { code: "NotReplaced", fields: {} } as const;
      // Keys without an expiration are read again each minute.
      return outcome.cached.credentials.lifetime.kind === "until"
        ? ({ code: "Unchanged", fields: {} } as const)
        : undefined;
    case "shorter":
      return { code: "Shorter", fields: {} } as const;
  }
}
