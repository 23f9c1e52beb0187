import { LRUCache } from "lru-cache";
import type { Protocol } from "../policy/clients.ts";
import type { IdentifiedClient } from "../policy/identified-client.ts";
import type { ReadEvent } from "./events.ts";
import { PerMinute } from "./per-minute.ts";

/** A pod has a handful of clients. A scan of paths with every name of the table must not grow this. */
const MAX_CLIENTS = 64;

/** What was reported to one client and when, for one identity over one protocol. Instants in ms by the wall clock. */
export interface ClientSeen {
  readonly identity: string;
  readonly protocol: Protocol;
  readonly client: IdentifiedClient;
  readonly version: string | undefined;
  readonly lastReadAt: number;
  /** True when the last read got credentials, rather than a 503. */
  readonly lastReadServed: boolean;
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
  lastReadServed: boolean;
  reportedAt: number;
  /** Zero until it got one. */
  reportedExpiration: number;
  readonly perMinute: PerMinute;
}

/**
 * The clients that read last: 64 names of each identity and protocol. A full identity takes 90 KB; a pod has one or two
 * names. A read of a known client allocates nothing.
 */
export class ClientsSeen {
  readonly #byIdentity = new Map<string, Readonly<Record<Protocol, LRUCache<string, Seen>>>>();
  /** The client of the last read: in a storm one client reads again and again. */
  #last: Seen | undefined;

  onRead({ identity, protocol, client, version, now, reportedExpiration }: ReadEvent): void {
    const seen = this.#of(identity, protocol, client);
    seen.client = client;
    seen.version = version ?? seen.version;
    seen.lastReadAt = now;
    seen.lastReadServed = reportedExpiration !== undefined;
    seen.perMinute.count(now);
    if (reportedExpiration === undefined) return;
    seen.reportedAt = now;
    seen.reportedExpiration = reportedExpiration;
  }

  /** By name, so that a row stays where it is while people look at it. */
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
      .sort((a, b) => a.client.name.localeCompare(b.client.name, "en") || a.protocol.localeCompare(b.protocol, "en"));
  }

  #of(identity: string, protocol: Protocol, client: IdentifiedClient): Seen {
    const last = this.#last;
    if (last?.identity === identity && last.protocol === protocol && last.client.name === client.name) return last;
    const byName = this.#clientsOf(identity)[protocol];
    let seen = byName.get(client.name);
    if (seen === undefined) {
      const nothing = {
        version: undefined,
        lastReadAt: 0,
        lastReadServed: false,
        reportedAt: 0,
        reportedExpiration: 0,
      };
      seen = { identity, protocol, client, ...nothing, perMinute: new PerMinute() };
      byName.set(client.name, seen);
    }
    this.#last = seen;
    return seen;
  }

  #clientsOf(identity: string): Readonly<Record<Protocol, LRUCache<string, Seen>>> {
    const known = this.#byIdentity.get(identity);
    if (known !== undefined) return known;
    const byName = {
      container: new LRUCache<string, Seen>({ max: MAX_CLIENTS }),
      imds: new LRUCache<string, Seen>({ max: MAX_CLIENTS }),
    };
    this.#byIdentity.set(identity, byName);
    return byName;
  }
}
