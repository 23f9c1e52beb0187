import { LRUCache } from "lru-cache";
import { LARGEST_ADVISORY_SECONDS } from "../policy/clients.ts";
import type { IdentifiedClient } from "../policy/identified-client.ts";
import { HOUR, isRecent, MINUTE, SECOND, wholeSeconds } from "../time.ts";
import type { InsideWindow, ReadEvent, Storm } from "./events.ts";
import { stormRemedy } from "./storm-remedy.ts";

/**
 * Inside its window a client reads at every use. Outside it the busiest one reads every two minutes (.NET's IMDS timer),
 * so half a read a second for a minute is neither chance nor a handful of instances.
 */
const STORM_READS_PER_MINUTE = 30;

/** Clients are few, but a scan of paths with many client names must not grow this. */
const MAX_LABELS = 64;

interface Minute {
  startedAt: number;
  reads: number;
  /** When a storm was last reported. */
  reportedAt: number | undefined;
  /** When a read inside the window was last reported. */
  insideReportedAt: number | undefined;
  /** When a read was last part of a storm. */
  stormedAt: number | undefined;
}

export interface StormWatchOptions {
  /** True when `SIDECAR_PADDING` is on: the remedy depends on it. */
  readonly padding: boolean;
  readonly onStorm: (storm: Storm) => void;
  /** A client reads inside its advisory window, but not so often that it is a storm; at most once an hour. */
  readonly onInsideWindow?: (read: InsideWindow) => void;
}

/** Notices that a client reads again and again because what it gets is inside its advisory window. */
export class StormWatch {
  readonly #minutes = new LRUCache<string, Minute>({ max: MAX_LABELS });
  readonly #options: StormWatchOptions;

  constructor(options: StormWatchOptions) {
    this.#options = options;
  }

  /** Counts a read whose reported lifetime is inside the client's advisory window. */
  onRead(event: ReadEvent): void {
    const { client, now, reportedExpiration } = event;
    if (reportedExpiration === undefined || !isInsideWindow(client, reportedExpiration - now)) return;
    const minute = this.#minuteOf(client.name, now);
    minute.reads += 1;
    if (minute.reads < STORM_READS_PER_MINUTE) {
      if (isRecent(minute.insideReportedAt, now, HOUR)) return;
      minute.insideReportedAt = now;
      this.#options.onInsideWindow?.(insideWindow(client, reportedExpiration - now));
      return;
    }
    minute.stormedAt = now;
    if (isRecent(minute.reportedAt, now, HOUR)) return;
    minute.reportedAt = now;
    this.#report(event, reportedExpiration - now, minute.reads);
  }

  /** The names of the clients that are in a storm now. */
  storming(now: number): readonly string[] {
    const storms = ({ stormedAt }: Minute) => isRecent(stormedAt, now, MINUTE);
    return [...this.#minutes.entries()].filter(([, minute]) => storms(minute)).map(([name]) => name);
  }

  #report({ client, protocol }: ReadEvent, reportedLifetimeMs: number, readsPerMinute: number): void {
    const { padding, onStorm } = this.#options;
    onStorm({
      client: client.name,
      readsPerMinute,
      reportedLifetimeSeconds: wholeSeconds(reportedLifetimeMs),
      advisorySeconds: client.advisorySeconds,
      remedy: stormRemedy({ client, protocol, reportedLifetimeMs, padding }).text,
    });
  }

  #minuteOf(name: string, now: number): Minute {
    let minute = this.#minutes.get(name);
    if (minute === undefined) {
      minute = { startedAt: now, reads: 0, reportedAt: undefined, insideReportedAt: undefined, stormedAt: undefined };
      this.#minutes.set(name, minute);
    }
    if (!isRecent(minute.startedAt, now, MINUTE)) {
      minute.startedAt = now;
      minute.reads = 0;
    }
    return minute;
  }
}

function insideWindow({ name, advisorySeconds }: IdentifiedClient, reportedLifetimeMs: number): InsideWindow {
  return { client: name, reportedLifetimeSeconds: wholeSeconds(reportedLifetimeMs), advisorySeconds };
}

/** True when a client that got this lifetime reads again at its next use. An unrecognised one may. */
export function isInsideWindow({ advisorySeconds }: IdentifiedClient, reportedLifetimeMs: number): boolean {
  return reportedLifetimeMs <= (advisorySeconds ?? LARGEST_ADVISORY_SECONDS) * SECOND;
}
