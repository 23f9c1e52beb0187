import { LRUCache } from "lru-cache";
import { LARGEST_ASKS } from "../lifetime/clients.ts";
import { HOUR, MINUTE, SECOND } from "../lifetime/renewal.ts";
import type { Reader } from "../lifetime/thresholds.ts";
import { isRecent } from "../recent.ts";
import type { ReadEvent, Storm } from "./events.ts";
import { stormCure } from "./storm-cure.ts";

/**
 * Inside its window a client reads at every use. Outside of it the busiest reads each two minutes (.NET's IMDS
 * timer), so half a read a second over a minute is neither chance nor a handful of instances.
 */
const STORM_READS_PER_MINUTE = 30;

/** Labels are few; a scan of paths with many client names must not grow this. */
const MAX_LABELS = 64;

interface Minute {
  startedAt: number;
  reads: number;
  /** When a storm was last told of. */
  toldAt: number | undefined;
  /** When a read was last part of a storm. */
  stormedAt: number | undefined;
}

export interface StormWatchOptions {
  /** Whether `SIDECAR_PADDING` is on: the cure depends on it. */
  readonly padding: boolean;
  readonly onStorm: (storm: Storm) => void;
}

/** Notices that a client reads again and again because what it gets is below its `asks`. */
export class StormWatch {
  readonly #minutes = new LRUCache<string, Minute>({ max: MAX_LABELS });
  readonly #options: StormWatchOptions;

  constructor(options: StormWatchOptions) {
    this.#options = options;
  }

  /** Counts a read when it was told less than what its client asks for. */
  onRead(event: ReadEvent): void {
    const { reader, now, reportedExpiration } = event;
    if (reportedExpiration === undefined || !isInsideWindow(reader, reportedExpiration - now)) return;
    const minute = this.#minuteOf(reader.label, now);
    minute.reads += 1;
    if (minute.reads < STORM_READS_PER_MINUTE) return;
    minute.stormedAt = now;
    if (isRecent(minute.toldAt, now, HOUR)) return;
    minute.toldAt = now;
    this.#tell(event, reportedExpiration - now, minute.reads);
  }

  /** The labels that storm now. */
  storming(now: number): readonly string[] {
    const storms = ({ stormedAt }: Minute) => isRecent(stormedAt, now, MINUTE);
    return [...this.#minutes.entries()].filter(([, minute]) => storms(minute)).map(([label]) => label);
  }

  #tell({ reader, protocol }: ReadEvent, reportedLifetime: number, readsPerMinute: number): void {
    const { padding, onStorm } = this.#options;
    onStorm({
      label: reader.label,
      readsPerMinute,
      reportedLifetimeS: Math.floor(reportedLifetime / SECOND),
      asksS: reader.asks,
      cure: stormCure({ reader, protocol, reportedLifetime, padding }).text,
    });
  }

  #minuteOf(label: string, now: number): Minute {
    let minute = this.#minutes.get(label);
    if (minute === undefined) {
      minute = { startedAt: now, reads: 0, toldAt: undefined, stormedAt: undefined };
      this.#minutes.set(label, minute);
    }
    if (!isRecent(minute.startedAt, now, MINUTE)) {
      minute.startedAt = now;
      minute.reads = 0;
    }
    return minute;
  }
}

/** Whether a client that was told this lifetime, in ms, reads again at its next use. */
export function isInsideWindow({ asks }: Reader, reportedLifetime: number): boolean {
  return reportedLifetime <= (asks ?? LARGEST_ASKS) * SECOND;
}
