import { randomBytes } from "node:crypto";
import { hostname } from "node:os";

/** The clocks and their timers. Tests bring their own, so that no test sleeps. */
export interface Clock {
  /** Milliseconds since the epoch, by the wall clock: expiry is a wall-clock fact. */
  now(): number;
  /** Milliseconds since some moment, by a clock that nobody sets: how much time has passed, but for time in suspend. */
  monotonicMs(): number;
  /** Calls `fire` once after about `delayMs`; the result cancels it. */
  setTimer(delayMs: number, fire: () => void): () => void;
}

/** Everything the program takes from the world, brought in once by `main.ts`. */
export interface Edge {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly randomBytes: (size: number) => Buffer;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  readonly nodeVersion: string;
  /** Resident memory of this process, in bytes. */
  readonly residentMemory: () => number;
  /** Standard output: log lines, and what commands print. */
  readonly print: (text: string) => void;
  /** Standard error: why a command cannot do its work. */
  readonly printError: (text: string) => void;
  /** Calls `handle` at each SIGTERM and SIGINT; the result stops that. */
  readonly onSignal: (handle: (signal: string) => void) => () => void;
}

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
  return {
    clock: systemClock,
    random: Math.random,
    randomBytes,
    env: process.env,
    hostname: hostname(),
    nodeVersion: process.version,
    residentMemory: () => process.memoryUsage.rss(),
    print: (text) => void process.stdout.write(text),
    printError: (text) => void process.stderr.write(text),
    onSignal(handle) {
      const names = ["SIGTERM", "SIGINT"] as const;
      for (const name of names) process.on(name, handle);
      return () => {
        for (const name of names) process.off(name, handle);
      };
    },
  };
}
