/** Every message that the program can log, by its stable code. */

type Level = "info" | "warn" | "error";

const message = (level: Level, text: string) => ({ level, text }) as const;

export const messages = {
  Started: message("info", "started"),
  Caution: message("warn", "a setting may not do what was meant"),
  Ready: message("info", "every identity has credentials"),
  Refreshed: message("info", "refreshed the credentials"),
  StateRestored: message("info", "serving credentials of the state file, obtained before the sidecar started"),
  StateIgnored: message("warn", "the state file is not used, as if it were not there"),
  StateNotKept: message("warn", "cannot keep the state file; a restart of the sidecar loses the cached credentials"),
  Unchanged: message("info", "upstream returned the cached credentials again"),
  RefreshForced: message("info", "asked for new credentials by a signal or a request"),
  RefreshTooSoon: message("info", "asked for new credentials again within a minute; not asking upstream"),
  NotReplaced: message(
    "warn",
    "new credentials were asked for, but upstream caches its sessions and returned the cached credentials again",
  ),
  Shorter: message("warn", "upstream returned credentials that expire before the cached ones; serving the cached ones"),
  /** Its text is one of {@link refreshFailedTexts}. */
  RefreshFailed: message("warn", "failed to refresh the credentials"),
  ExpirationNotBelieved: message(
    "warn",
    "upstream gave an expiration that is further ahead than any session lasts; these credentials are reported for 6 minutes and read again every minute",
  ),
  Expired: message("error", "the cached credentials have expired; applications fail until a refresh succeeds"),
  Recovered: message("info", "refreshes succeed again"),
  FallbackRegion: message("warn", "STS did not answer in the first region; a fallback region gave the credentials"),
  FirstRegionAgain: message("info", "STS answers in the first region again"),
  DurationSteppedDown: message("warn", "sessions are shorter than was asked for, because STS allows no longer ones"),
  DurationAllowed: message("info", "the role allows the session duration that was asked for"),
  Storm: message("warn", "a client reads credentials again and again, because they are too short for it"),
  LargeDocument: message(
    "warn",
    "the session token makes the credential document larger than the 10,000 bytes that clients on the AWS Common Runtime (CRT) accept",
  ),
  InsideWindow: message("info", "a client reads at every use, because its credentials are too short for it"),
  ConnectionDropped: message("warn", "a connection was ended before its client wanted it"),
  Refused: message("warn", "a request was refused"),
  TokenFileUnreadable: message(
    "warn",
    "cannot use the token file; a token read from it before is honoured for ten minutes",
  ),
  /** The audit trail's only line. */
  Served: message("info", "credentials were served"),
  ShutdownDelayed: message("info", "asked to stop; still serving for the shutdown delay"),
  Stopping: message("info", "stopping"),
  Stopped: message("info", "stopped"),
  StoppedAtOnce: message("warn", "stopped at once by a second signal, without waiting for requests in progress"),
  SignalIgnored: message("info", "ignored a signal that means nothing to this program"),
  UnhandledRejection: message("error", "a promise was rejected and nobody awaited it; serving goes on"),
  /** Of `exec` alone, as the next one. */
  ShadowingRemoved: message(
    "warn",
    "removed variables for the program that the AWS SDKs would take before the sidecar's credentials",
  ),
  NothingRead: message("warn", "the program failed and had read no credentials from the sidecar"),
  LogLinesLost: message("warn", "log lines were lost because nobody read them in time or the disk was full"),
};

/** What a failed refresh means, by what there is to serve. */
export const refreshFailedTexts = {
  cached: "failed to refresh the credentials; serving the cached ones",
  expired: "failed to refresh the credentials; the cached ones have expired, so there are none to serve",
  none: "failed to get credentials; there are none to serve yet",
} as const;
