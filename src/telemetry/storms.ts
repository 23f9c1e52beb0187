import { LRUCache } from "lru-cache";
import { LARGEST_ASKS } from "../lifetime/clients.ts";
import { HOUR, MINUTE, SECOND } from "../lifetime/renewal.ts";
import type { Reader } from "../lifetime/thresholds.ts";
import type { ReadEvent, Storm } from "./events.ts";

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
  toldAt: number;
  stormingUntil: number;
}

/** Notices that a client reads again and again because what it gets is below its `asks`. */
export class StormWatch {
  readonly #minutes = new LRUCache<string, Minute>({ max: MAX_LABELS });
  readonly #onStorm: (storm: Storm) => void;

  constructor(onStorm: (storm: Storm) => void) {
    this.#onStorm = onStorm;
  }

  /** Counts a read when it was told less than what its client asks for. */
  onRead({ reader, now, reportedExpiration }: ReadEvent): void {
    if (reportedExpiration === undefined || !isInsideWindow(reader, reportedExpiration - now)) return;
    const minute = this.#minuteOf(reader.label, now);
    minute.reads += 1;
    if (minute.reads < STORM_READS_PER_MINUTE) return;
    minute.stormingUntil = now + MINUTE;
    if (now - minute.toldAt < HOUR) return;
    minute.toldAt = now;
    const reportedLifetimeS = Math.floor((reportedExpiration - now) / SECOND);
    this.#onStorm({ label: reader.label, readsPerMinute: minute.reads, reportedLifetimeS, cure: cureFor(reader) });
  }

  /** The labels that storm now. */
  storming(now: number): readonly string[] {
    return [...this.#minutes.entries()].filter(([, minute]) => minute.stormingUntil > now).map(([label]) => label);
  }

  #minuteOf(label: string, now: number): Minute {
    let minute = this.#minutes.get(label);
    if (minute === undefined) {
      minute = { startedAt: now, reads: 0, toldAt: Number.NEGATIVE_INFINITY, stormingUntil: 0 };
      this.#minutes.set(label, minute);
    }
    if (now - minute.startedAt >= MINUTE || now < minute.startedAt) {
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

function cureFor({ thresholds }: Reader): string {
  const longer = "let upstream issue longer sessions (one hour calms every client)";
  if (thresholds !== undefined) return longer;
  return `name the client in this pod with SIDECAR_CLIENT or in the URI (/v1/for/botocore/credentials), or ${longer}`;
}
