/** The program's log: JSON lines, one per event, never one per request. Secrets never enter a call. */
import { pino } from "pino";
import type { RefusalReason } from "../refusals.ts";
import { formatTime, HOUR, isRecent, MINUTE, wholeSeconds } from "../time.ts";
import type { Observer } from "./events.ts";
import { messages } from "./messages.ts";

/** What pino writes to; a test brings its own. */
export interface LogSink {
  write(line: string): void;
}

/** A refusal or a drop is logged this often per reason at most: a scanner must not fill the disk. */
const SAME_REASON_EVERY_MS = MINUTE;

/** What to look at, for the refusals that a pod's author may have caused. */
const remedies: Partial<Record<RefusalReason, string>> = {
  host: "the URI must name 127.0.0.1 or the link-local address that is listened on",
  token: "AWS_CONTAINER_AUTHORIZATION_TOKEN or its file must hold the sidecar's token, without a newline",
  browser: "a web page, or fetch() of Node: read credentials with an AWS SDK",
  "session-token": "a client that knows IMDSv1 only, such as Java 1.11.546, needs SIDECAR_IMDS=v1",
};

type MessageCode = keyof typeof messages;

export interface Log extends Partial<Observer> {
  /** One line. `fields` are facts, never secrets. */
  tell(code: MessageCode, fields?: Readonly<Record<string, unknown>>): void;
}

/** Lines with the level by name and the time by `now`, the wall clock in ms. */
export function jsonLines(level: string, sink: LogSink, now: () => number) {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
}

/** A log at `level`; `now` is the wall clock in ms. */
export function createLog(level: string, sink: LogSink, now: () => number): Log {
  const logger = jsonLines(level, sink, now);
  const tell: Log["tell"] = (code, fields = {}) => {
    const { level: at, text } = messages[code];
    logger[at]({ code, ...fields }, text);
  };
  const loggedAt = new Map<string, number>();
  const isNews = (reason: string, everyMs = SAME_REASON_EVERY_MS): boolean => {
    if (isRecent(loggedAt.get(reason), now(), everyMs)) return false;
    loggedAt.set(reason, now());
    return true;
  };
  return {
    tell,
    onAttempt({ identity, outcome, tookMs, nextRefreshAt }) {
      const common = { identity, tookMs, nextRefresh: formatTime(nextRefreshAt) };
      switch (outcome.kind) {
        case "refreshed": {
          const { lifetime, accountId } = outcome.cached.credentials;
          const expiration = lifetime.kind === "until" ? formatTime(lifetime.expiration) : lifetime.kind;
          tell("Refreshed", { ...common, expiration, accountId });
          if (lifetime.kind === "until" || lifetime.claimed === undefined) return;
          const claimed = formatTime(lifetime.claimed);
          if (isNews(`${identity} claimed`, HOUR)) tell("ExpirationNotBelieved", { identity, claimed });
          return;
        }
        case "failed": {
          const { kind, message, upstreamCode, clockOffset } = outcome.failure;
          return tell("RefreshFailed", { ...common, class: kind, reason: message, upstreamCode, clockOffset });
        }
        case "unchanged":
          // Keys without an expiration are read again each minute.
          return outcome.cached.credentials.lifetime.kind === "until" ? tell("Unchanged", common) : undefined;
        case "shorter":
          return tell("Shorter", common);
      }
    },
    onExpired: ({ identity, failures, failure }) =>
      tell("Expired", { identity, failures, class: failure?.kind, reason: failure?.message }),
    onRecovered: ({ identity, failures, failingForMs, wasExpired }) =>
      tell("Recovered", { identity, failures, failingForSeconds: wholeSeconds(failingForMs), wasExpired }),
    onDurationSteppedDown: (identity, fromSeconds, toSeconds) =>
      tell("DurationSteppedDown", { identity, fromSeconds, toSeconds }),
    onStorm: (storm) => tell("Storm", { ...storm }),
    onRefused(reason) {
      if (isNews(reason)) tell("Refused", { reason, remedy: remedies[reason] });
    },
    onDropped(listener, reason) {
      if (isNews(`${listener} ${reason}`)) tell("ConnectionDropped", { listener, reason });
    },
  };
}
