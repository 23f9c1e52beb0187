import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { styleText } from "node:util";
import { describeFault, type Fault } from "./process/faults.ts";
import { Output } from "./process/output.ts";

/** The clocks and their timers. Tests bring their own, so that no test sleeps. */
export interface Clock {
  /** Milliseconds since the epoch, by the wall clock: expiry is a wall-clock fact. */
  now(): number;
  /** Milliseconds since an arbitrary moment, by the monotonic clock, which does not count time in suspend. */
  monotonicMs(): number;
  /** Calls `fire` once after about `delayMs`; the result cancels it. */
  setTimer(delayMs: number, fire: () => void): () => void;
}

/** How text looks where it is written. */
export interface Style {
  readonly isTerminal: boolean;
  /** Colours text on a terminal, unless `NO_COLOR` is set; gives it back as it is elsewhere. */
  readonly paint: (format: Parameters<typeof styleText>[0], text: string) => string;
}

/** The environment variables of a process. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Time, randomness, environment, network and output. `main.ts` creates it once and passes it down. */
export interface Edge {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly randomBytes: (size: number) => Buffer;
  readonly env: Env;
  readonly hostname: string;
  readonly nodeVersion: string;
  /** The user that this process runs as; undefined where the system knows none. */
  readonly userId: number | undefined;
  /**
   * What makes `clock.monotonicMs()` a time since the start of the system, in ms: every process counts that alike, so an age
   * can outlive a process.
   */
  readonly monotonicOriginMs: number;
  /** Resident memory of this process, in bytes. */
  readonly residentMemory: () => number;
  /** Standard output: log lines, and what commands print. */
  readonly print: (text: string) => void;
  /** Standard error: why a command cannot do its work. */
  readonly printError: (text: string) => void;
  /** Of standard output, and of standard error. */
  readonly outStyle: Style;
  readonly errorStyle: Style;
  /** Lines of standard output that nobody read in time, or that did not fit on the disk. */
  readonly lostLines: () => number;
  /** Calls `handle` when output is written again, with the number of lines that were lost before; the result stops that. */
  readonly onOutputResumed: (handle: (lost: number) => void) => () => void;
  /** Resolves when all output is written, or cannot be. */
  readonly flush: () => Promise<void>;
  /** Calls `handle` at each signal in {@link stopSignals}, {@link refreshSignals} and {@link otherSignals}; the result stops that. */
  readonly onSignal: (handle: (signal: string) => void) => () => void;
  /** Calls `handle` at each rejection of a promise that nobody awaits; the result stops that. */
  readonly onUnhandledRejection: (handle: (fault: Fault) => void) => () => void;
}

/** Signals that ask the program to stop. */
export const stopSignals: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGQUIT"];

/** Signals that ask for new credentials now. */
export const refreshSignals: readonly NodeJS.Signals[] = ["SIGHUP"];

/** Signals that would end the program, or dump its memory, if nobody listened. */
export const otherSignals: readonly NodeJS.Signals[] = [
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGVTALRM",
  "SIGPROF",
  "SIGXCPU",
  "SIGIO",
];

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};

/** The real world. */
export function processEdge(): Edge {
  const out = new Output(process.stdout, systemClock.setTimer);
  const err = new Output(process.stderr, systemClock.setTimer);
  const rejections = new Set<(fault: Fault) => void>();
  process.on("unhandledRejection", (error) => {
    for (const handle of rejections) handle(describeFault(error));
  });
  return {
    clock: systemClock,
    random: Math.random,
    randomBytes,
    env: process.env,
    hostname: hostname(),
    nodeVersion: process.version,
    userId: process.geteuid?.(),
    monotonicOriginMs: Number(process.hrtime.bigint()) / 1e6 - performance.now(),
    residentMemory: () => process.memoryUsage.rss(),
    print: (text) => out.write(text),
    printError: (text) => err.write(text),
    outStyle: styleOf(process.stdout),
    errorStyle: styleOf(process.stderr),
    lostLines: () => out.lost,
    onOutputResumed: (handle) => out.onResumed(handle),
    flush: async () => void (await Promise.all([out.flush(), err.flush()])),
    onUnhandledRejection(handle) {
      rejections.add(handle);
      return () => void rejections.delete(handle);
    },
    onSignal(handle) {
      const names = [...stopSignals, ...refreshSignals, ...otherSignals];
      for (const name of names) process.on(name, handle);
      return () => {
        for (const name of names) process.off(name, handle);
      };
    },
  };
}

function styleOf(stream: NodeJS.WriteStream): Style {
  return { isTerminal: stream.isTTY === true, paint: (format, text) => styleText(format, text, { stream }) };
}
