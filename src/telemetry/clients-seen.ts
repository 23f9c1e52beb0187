import { LRUCache } from "lru-cache";
import type { Protocol } from "../policy/clients.ts";
import type { IdentifiedClient } from "../policy/identified-client.ts";
import type { ReadEvent } from "./events.ts";
import { PerMinute } from "./per-minute.ts";

/** A pod has a handful of clients. A scan of paths with every name of the table must not grow this. */
const MAX_CLIENTS = 64;

/** What one client was told when, for one identity over one protocol. Times in ms by the wall clock. */
export interface ClientSeen {
  readonly identity: string;
  readonly protocol: Protocol;
  readonly client: IdentifiedClient;
  readonly version: string | undefined;
  readonly lastReadAt: number;
  /** The last answer that held credentials. */
  readonly reported: { readonly at: number; readonly expiration: number } | undefined;
  /** Reads in each of the last 30 minutes, the oldest first. */
  readonly readsPerMinute: readonly number[];
}

interface Seen {
  readonly identity: string;
  readonly protocol: Protocol;
  client: IdentifiedClient;
  version: string | undefined;
  lastReadAt: number;
  reportedAt: number;
  /** Zero until it was told one. */
  reportedExpiration: number;
  readonly perMinute: PerMinute;
}

/**
 * Who read lately: the last 64 labels of each identity and protocol. Full of them, an identity holds 90 KB, and a pod
 * has one or two labels. Nothing is allocated for a read of a client that is known.
 */
export class ClientsSeen {
  readonly #byIdentity = new Map<string, Readonly<Record<Protocol, LRUCache<string, Seen>>>>();
  /** In a storm one client reads again and again. */
  #last: Seen | undefined;

  onRead({ identity, protocol, client, version, now, reportedExpiration }: ReadEvent): void {
    const seen = this.#of(identity, protocol, client);
    seen.client = client;
    seen.version = version ?? seen.version;
    seen.lastReadAt = now;
    seen.perMinute.count(now);
    if (reportedExpiration === undefined) return;
    seen.reportedAt = now;
    seen.reportedExpiration = reportedExpiration;
  }

  /** By label, so that a row stays where it is while people look at it. */
  list(now: number): readonly ClientSeen[] {
    const all = [...this.#byIdentity.values()].flatMap(({ container, imds }) => [
      ...container.values(),
      ...imds.values(),
    ]);
    return all
      .map(({ reportedAt, reportedExpiration, perMinute, ...seen }) => ({
        ...seen,
        reported: reportedExpiration === 0 ? undefined : { at: reportedAt, expiration: reportedExpiration },
        readsPerMinute: perMinute.recent(now),
      }))
      .sort((a, b) => a.client.label.localeCompare(b.client.label, "en") || a.protocol.localeCompare(b.protocol, "en"));
  }

  #of(identity: string, protocol: Protocol, client: IdentifiedClient): Seen {
    const last = this.#last;
    if (last?.identity === identity && last.protocol === protocol && last.client.label === client.label) return last;
    const labels = this.#labelsOf(identity)[protocol];
    let seen = labels.get(client.label);
    if (seen === undefined) {
      const nothing = { version: undefined, lastReadAt: 0, reportedAt: 0, reportedExpiration: 0 };
      seen = { identity, protocol, client, ...nothing, perMinute: new PerMinute() };
      labels.set(client.label, seen);
    }
    this.#last = seen;
    return seen;
  }

  #labelsOf(identity: string): Readonly<Record<Protocol, LRUCache<string, Seen>>> {
    const known = this.#byIdentity.get(identity);
    if (known !== undefined) return known;
    const labels = {
      container: new LRUCache<string, Seen>({ max: MAX_CLIENTS }),
      imds: new LRUCache<string, Seen>({ max: MAX_CLIENTS }),
    };
    this.#byIdentity.set(identity, labels);
    return labels;
  }
}
