/** The program's log: JSON lines, one per event, never one per request. Secrets never enter a call. */
import { pino } from "pino";
import { refusalRow } from "../refusals.ts";
import { HOUR, isRecent, MINUTE } from "../time.ts";
import type { Observer } from "./events.ts";
import { messages } from "./messages.ts";
import { refreshLines } from "./refresh-lines.ts";
import { regionLines } from "./region-lines.ts";
import { sessionDurationLine } from "./session-duration-line.ts";
import { stateLines } from "./state-lines.ts";

/** What pino writes to; a test brings its own. */
export interface LogSink {
  write(line: string): void;
}

/** A refusal or a drop is logged this often per reason at most: a scanner must not fill the disk. */
const SAME_REASON_EVERY_MS = MINUTE;

type MessageCode = keyof typeof messages;

/** Writes one line. `fields` are facts, never secrets; `text` replaces the message's own. */
export type Tell = (code: MessageCode, fields?: Readonly<Record<string, unknown>>, text?: string) => void;

export interface Log extends Partial<Observer> {
  readonly tell: Tell;
  /** A signal arrived that does not stop the program. */
  onSignalIgnored(signal: string): void;
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
  const tell: Tell = (code, fields = {}, text = messages[code].text) => {
    logger[messages[code].level]({ code, ...fields }, text);
  };
  const loggedAt = new Map<string, number>();
  const isNews = (reason: string, everyMs = SAME_REASON_EVERY_MS): boolean => {
    if (isRecent(loggedAt.get(reason), now(), everyMs)) return false;
    loggedAt.set(reason, now());
    return true;
  };
  return {
    tell,
    ...refreshLines(tell, isNews),
    ...regionLines(tell),
    onSessionDuration: sessionDurationLine(tell),
    onStorm: (storm) => tell("Storm", { ...storm }),
    onInsideWindow: (read) => tell("InsideWindow", { ...read }),
    onRefused(reason, facts) {
      if (isNews(reason)) tell("Refused", { reason, ...facts, remedy: refusalRow(reason).remedy });
    },
    onLargeDocument(identity, bytes) {
      if (isNews(`large ${identity}`, HOUR)) tell("LargeDocument", { identity, bytes });
    },
    onDropped(listener, reason) {
      if (isNews(`${listener} ${reason}`)) tell("ConnectionDropped", { listener, reason });
    },
    ...stateLines(tell),
    onUnhandledRejection(fault) {
      if (isNews(`rejection ${fault.error} ${fault.frames[0]}`)) tell("UnhandledRejection", { ...fault });
    },
    onSignalIgnored(signal) {
      if (isNews(signal)) tell("SignalIgnored", { signal });
    },
  };
}
