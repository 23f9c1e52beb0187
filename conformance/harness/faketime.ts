/**
 * One clock for many programs that runs faster than real time: libfaketime, from Debian's `faketime`. Its wrapper keeps
 * the start in shared memory for as long as it lives; every program with the same variables agrees on the time.
 */
import { access, rm } from "node:fs/promises";
import { start } from "../processes.ts";
import { MissingToolError } from "./needs.ts";

export interface Clock {
  /** What a program's environment needs for this clock. */
  readonly env: Readonly<Record<string, string>>;
  /** How many times faster than real time. */
  readonly rate: number;
  readonly stop: () => Promise<void>;
}

export const realClock: Clock = { env: {}, rate: 1, stop: async () => {} };

const WRAPPER = "/usr/bin/faketime";

/** Years away from now, so that no client can take one clock for the other. */
const START = "@2024-01-01 00:00:00";

/** Lives until its group is ended, or four hours. The variables are libfaketime's own (faketime(1), "ADVANCED USAGE"). */
const KEEPER = 'printf "%s;%s;%s;\\n" "$LD_PRELOAD" "$FAKETIME" "$FAKETIME_SHARED"; LD_PRELOAD= exec sleep 14400';

export async function startFakeClock(rate: number): Promise<Clock> {
  await access(WRAPPER).catch(() => {
    throw new MissingToolError([{ client: "simulated time", command: "faketime", package: "faketime" }]);
  });
  const cache = await start({
    command: WRAPPER,
    // `-m`: the variant for programs with threads.
    args: ["-m", "-f", `${START} x${rate}`, "sh", "-c", KEEPER],
    env: { TZ: "UTC" },
    ready: /([^;\n]+);([^;]+);([^;]+);\n/,
  });
  const [, preload = "", faketime = "", shared = ""] = cache.match;
  const env = {
    TZ: "UTC",
    LD_PRELOAD: preload,
    FAKETIME: faketime,
    FAKETIME_SHARED: shared,
    // Otherwise each program would begin at the start again.
    FAKETIME_DONT_RESET: "1",
  };
  return {
    env,
    rate,
    async stop() {
      await cache.stop();
      await Promise.all(sharedFiles(shared).map((path) => rm(path, { force: true })));
    },
  };
}

/** Where Linux shows the semaphore and the memory; the wrapper removes them only when its program ends by itself. */
function sharedFiles(shared: string): readonly string[] {
  const [semaphore = "", memory = ""] = shared.split(" ").map((name) => name.slice(1));
  return [`/dev/shm/sem.${semaphore}`, `/dev/shm/${memory}`];
}
