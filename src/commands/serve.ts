import { type Edge, refreshSignals, stopSignals } from "../edge.ts";
import type { Settings } from "../settings/table.ts";
import { type Sidecar, startSidecar } from "../sidecar.ts";
import type { Observer } from "../telemetry/events.ts";
import type { Log } from "../telemetry/log.ts";
import { SECOND } from "../time.ts";
import { createIdentities } from "../upstream/create.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { logTo } from "./log.ts";
import type { Loaded } from "./settings.ts";
import { reportStartError } from "./start-error.ts";
import { loadForStart } from "./start-settings.ts";
import { tellStarted } from "./started.ts";

/** Serves until a signal. Resolves with the exit code; a second signal does not wait for requests in progress. */
export async function serve(args: readonly string[], edge: Edge): Promise<ExitCode> {
  const loaded = await loadForStart("serve", args, edge);
  if (loaded.kind === "problems") return exitCodes.badSettings;
  const log = logTo("out", loaded.settings, edge);
  const stop = signals(edge, log);
  try {
    const sidecar = await start(loaded, edge, log);
    stop.onRefresh(sidecar.refreshNow);
    await untilStopped(sidecar, loaded.settings, edge, log, stop);
    return exitCodes.ok;
  } catch (error) {
    return reportStartError(error, loaded.settings, edge);
  } finally {
    stop.end();
  }
}

async function start(loaded: Loaded, edge: Edge, log: Log): Promise<Sidecar> {
  const ready = readyOnce(log);
  edge.onOutputResumed((lines) => log.tell("LogLinesLost", { lines }));
  const sidecar = await startSidecar({
    ...loaded,
    edge,
    identities: (events) => createIdentities(loaded.settings, edge, events),
    observers: [log, ready.observer],
    onTokenFileUnreadable: (message) => log.tell("TokenFileUnreadable", { message }),
  });
  tellStarted(log, loaded, sidecar, edge);
  ready.watch(sidecar);
  return sidecar;
}

/** Logs once that every identity has credentials. */
function readyOnce(log: Log): { observer: Partial<Observer>; watch: (sidecar: Sidecar) => void } {
  let sidecar: Sidecar | undefined;
  let reported = false;
  const look = () => {
    if (reported || sidecar?.status().ready !== true) return;
    reported = true;
    log.tell("Ready");
  };
  return {
    observer: { onAttempt: look },
    watch(started) {
      sidecar = started;
      look();
    },
  };
}

interface Signals {
  /** The first signal. */
  readonly first: Promise<string>;
  /** The second signal, which asks the sidecar to stop without waiting. */
  readonly second: Promise<string>;
  /** Sets what a signal that asks for new credentials does; one that came before does it now. */
  readonly onRefresh: (refresh: () => void) => void;
  readonly end: () => void;
}

function signals(edge: Edge, log: Log): Signals {
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<string>();
  let count = 0;
  let wanted = false;
  let refresh = () => {
    wanted = true;
  };
  const end = edge.onSignal((signal) => {
    if (refreshSignals.some((name) => name === signal)) return refresh();
    if (!stopSignals.some((name) => name === signal)) return log.onSignalIgnored(signal);
    count += 1;
    (count === 1 ? first : second).resolve(signal);
  });
  const onRefresh = (handle: () => void) => {
    refresh = handle;
    if (wanted) handle();
  };
  return { first: first.promise, second: second.promise, onRefresh, end };
}

async function untilStopped(sidecar: Sidecar, settings: Settings, edge: Edge, log: Log, stop: Signals): Promise<void> {
  const signal = await stop.first;
  const atOnce = stop.second.then((second) => log.tell("StoppedAtOnce", { signal: second }));
  await Promise.race([atOnce, stopOrderly(sidecar, settings["shutdown-delay"], signal, edge, log)]);
}

async function stopOrderly(sidecar: Sidecar, delayMs: number, signal: string, edge: Edge, log: Log): Promise<void> {
  if (delayMs > 0) {
    log.tell("ShutdownDelayed", { signal, delaySeconds: delayMs / SECOND });
    await new Promise<void>((resolve) => edge.clock.setTimer(delayMs, resolve));
  }
  log.tell("Stopping", { signal });
  await sidecar.close();
  log.tell("Stopped");
}
