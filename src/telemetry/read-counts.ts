import type { Protocol } from "../policy/clients.ts";
import type { ReadEvent } from "./events.ts";
import { isInsideWindow } from "./storms.ts";

export type ReadResult = "served" | "unavailable";

interface Counts {
  readonly container: Record<ReadResult, number>;
  readonly imds: Record<ReadResult, number>;
  insideWindow: number;
}

/**
 * How often each client read, as plain numbers. prom-client's own counters join their labels into a string at every
 * increment, which took as long as the rest of a read, so they get these numbers at each scrape instead.
 */
export class ReadCounts {
  /** By client, of which there are few. */
  readonly #clients = new Map<string, Counts>();

  onRead({ client, protocol, now, reportedExpiration }: ReadEvent): void {
    const counts = this.#of(client.name);
    if (reportedExpiration === undefined) {
      counts[protocol].unavailable += 1;
      return;
    }
    counts[protocol].served += 1;
    if (isInsideWindow(client, reportedExpiration - now)) counts.insideWindow += 1;
  }

  /** Calls `report` for every count of reads that is not zero. */
  reads(report: (client: string, protocol: Protocol, result: ReadResult, count: number) => void): void {
    for (const [client, counts] of this.#clients) {
      for (const protocol of ["container", "imds"] as const) {
        for (const result of ["served", "unavailable"] as const) {
          if (counts[protocol][result] > 0) report(client, protocol, result, counts[protocol][result]);
        }
      }
    }
  }

  /** Calls `report` for every client that read inside its window. */
  readsInsideWindow(report: (client: string, count: number) => void): void {
    for (const [client, { insideWindow }] of this.#clients) if (insideWindow > 0) report(client, insideWindow);
  }

  #of(client: string): Counts {
    const known = this.#clients.get(client);
    if (known !== undefined) return known;
    const none = () => ({ served: 0, unavailable: 0 });
    const counts = { container: none(), imds: none(), insideWindow: 0 };
    this.#clients.set(client, counts);
    return counts;
  }
}
