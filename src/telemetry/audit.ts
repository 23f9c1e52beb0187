/**
 * The audit trail (`SIDECAR_AUDIT`): who was given which credentials. JSON lines among those of the log, recognised by
 * the code `Served`, and written whatever the log's level is.
 */
import type { Clock } from "../edge.ts";
import type { Protocol } from "../policy/clients.ts";
import { formatTime, SECOND, wholeSeconds } from "../time.ts";
import { jsonLines, type LogSink } from "./log.ts";
import { messages } from "./messages.ts";

/** Further reads of the same credentials by the same client within this time share one line. */
const MERGED_FOR_MS = SECOND;

/** One read that got credentials. An access key ID is what CloudTrail knows them by; AWS does not hold it secret. */
export interface Served {
  /** In ms by the wall clock. */
  readonly now: number;
  readonly identity: string;
  readonly protocol: Protocol;
  /** The name that metrics use. */
  readonly client: string;
  readonly path: string;
  /** The files in the token directory whose token was sent; undefined where every client sends the same or none. */
  readonly token: string | undefined;
  readonly accessKeyId: string;
  readonly roleArn: string | undefined;
  readonly accountId: string | undefined;
  /** The real expiration in ms; undefined for static keys. */
  readonly expiration: number | undefined;
  /** The reported expiration, in ms. */
  readonly reportedExpiration: number;
}

/**
 * One line for each read, but a storm must not fill the disk: reads that a client repeats within a second of its line
 * share one more line at the end of that second, with their number. No read is left out. What is remembered meanwhile is
 * bounded, for all parts of a key come from short lists: the paths that serve, the names of clients, the token files.
 */
export class AuditTrail {
  readonly #clock: Clock;
  readonly #lines: ReturnType<typeof jsonLines>;
  readonly #again = new Map<string, { readonly served: Served; reads: number }>();
  #cancel: (() => void) | undefined;

  constructor(sink: LogSink, clock: Clock) {
    this.#clock = clock;
    this.#lines = jsonLines("info", sink, clock.now);
  }

  onServed(served: Served): void {
    const { identity, client, path, token, accessKeyId, reportedExpiration } = served;
    const key = JSON.stringify([identity, client, path, token, accessKeyId, reportedExpiration]);
    const known = this.#again.get(key);
    if (known !== undefined) {
      known.reads += 1;
      return;
    }
    this.#again.set(key, { served, reads: 0 });
    this.#write(served, 1);
    this.#cancel ??= this.#clock.setTimer(MERGED_FOR_MS, () => this.#writeAgain());
  }

  /** Writes what was read again since the last line. */
  stop(): void {
    this.#cancel?.();
    this.#writeAgain();
  }

  #writeAgain(): void {
    this.#cancel = undefined;
    for (const { served, reads } of this.#again.values()) if (reads > 0) this.#write(served, reads);
    this.#again.clear();
  }

  #write({ now, expiration, reportedExpiration, ...who }: Served, reads: number): void {
    const lifetimes = {
      expiration: expiration === undefined ? "none" : formatTime(expiration),
      reportedExpiration: formatTime(reportedExpiration),
      reportedLifetimeSeconds: wholeSeconds(reportedExpiration - now),
    };
    this.#lines.info(
      { code: "Served" satisfies keyof typeof messages, ...who, ...lifetimes, reads },
      messages.Served.text,
    );
  }
}
