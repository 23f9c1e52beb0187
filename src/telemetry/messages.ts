/** Every message that the program can log, by its stable code. */

type Level = "info" | "warn" | "error";

const message = (level: Level, text: string) => ({ level, text }) as const;

export const messages = {
  Started: message("info", "started"),
  Caution: message("warn", "a setting may not do what was meant"),
  Ready: message("info", "every identity is loaded"),
  Refreshed: message("info", "credentials renewed"),
  Unchanged: message("info", "upstream returned the credentials that are held already"),
  Shorter: message("warn", "upstream returned credentials that end sooner than those that are held; kept these"),
  RefreshFailed: message("warn", "upstream gave no credentials; what is held stays"),
  ExpirationNotBelieved: message(
    "warn",
    "upstream gave an expiration further ahead than any session lasts; its credentials are reported for 6 minutes and read again every minute",
  ),
  Expired: message("error", "the credentials expired and no refresh succeeded; clients get 503 until one does"),
  Recovered: message("info", "upstream answers again"),
  DurationSteppedDown: message("warn", "the role does not allow the session duration that was asked for"),
  Storm: message("warn", "a client reads credentials again and again, because they are too short for it"),
  ConnectionDropped: message("warn", "a connection was ended before its client wanted it"),
  Refused: message("warn", "a request was refused"),
  TokenFileUnreadable: message("warn", "the token file cannot be read; the tokens stay as they are"),
  /** The audit trail's only line. */
  Served: message("info", "credentials were served"),
  ShutdownDelayed: message("info", "asked to stop; serving on for the shutdown delay"),
  Stopping: message("info", "stopping"),
  Stopped: message("info", "stopped"),
  Crashed: message("error", "a fault in the program ended it"),
};
