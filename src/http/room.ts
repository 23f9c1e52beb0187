import type { DropReason } from "../drops.ts";
import { isLoopback } from "../settings/addresses.ts";
import { Turns } from "./turns.ts";

/** What a room counts of a connection, and how it ends one. */
export interface Occupant {
  /** Written in all its life. */
  readonly writtenBytes: number;
  /** Received, but waiting behind the request that is being answered. */
  readonly waitingBytes: number;
  drop(reason: DropReason): void;
}

/** An idle connection costs about 10 KB. */
const MAX_CONNECTIONS = 512;

/**
 * An upper bound of what peers have not read, whether it waits here or in the kernel, where a container pays for it too.
 * From half of it on, each answer is the last on its connection; beyond it, the longest idle connections end.
 */
const MAX_WRITTEN_BYTES = 8_388_608;

const MAX_WAITING_BYTES = 1_048_576;

/** The connections of one kind of peer, over all listeners, within limits that the other kind cannot use up. */
export class Room {
  /** Shared by all rooms: the event loop is one. */
  readonly turns: Turns;
  readonly #maxConnections: number;
  readonly #occupants = new Set<Occupant>();
  /** All but those whose request waits for its answer. Longest idle first. */
  readonly #idle = new Set<Occupant>();
  #writtenBytes = 0;
  #waitingBytes = 0;

  constructor(maxConnections: number, turns: Turns) {
    this.#maxConnections = maxConnections;
    this.turns = turns;
  }

  /** Makes way for a new connection. False when every connection waits for its answer: those came first. */
  admits(): boolean {
    return this.#occupants.size < this.#maxConnections || this.#endLongestIdle("evicted");
  }

  enter(occupant: Occupant): void {
    this.#occupants.add(occupant);
    this.#idle.add(occupant);
  }

  /** Harmless when it has left already. */
  leave(occupant: Occupant): void {
    if (!this.#occupants.delete(occupant)) return;
    this.#idle.delete(occupant);
    this.#writtenBytes -= occupant.writtenBytes;
    this.#waitingBytes -= occupant.waitingBytes;
  }

  onRequest(occupant: Occupant): void {
    this.#idle.delete(occupant);
  }

  /** An answer of so many bytes is about to be written. */
  onAnswer(occupant: Occupant, bytes: number): void {
    if (!this.#occupants.has(occupant)) return;
    this.#writtenBytes += bytes;
    while (this.#writtenBytes > MAX_WRITTEN_BYTES && this.#endLongestIdle("unread"));
    this.#idle.add(occupant);
  }

  /** Counts bytes that begin to wait, or cease to. False when there are too many. */
  onWaiting(occupant: Occupant, bytes: number): boolean {
    if (this.#occupants.has(occupant)) this.#waitingBytes += bytes;
    return this.#waitingBytes <= MAX_WAITING_BYTES;
  }

  /** Peers may have left so much unread that connections should not be kept. */
  get isCrowded(): boolean {
    return this.#writtenBytes > MAX_WRITTEN_BYTES / 2;
  }

  #endLongestIdle(reason: DropReason): boolean {
    for (const occupant of this.#idle) {
      if (reason === "unread" && occupant.writtenBytes === 0) continue;
      occupant.drop(reason);
      this.leave(occupant);
      return true;
    }
    return false;
  }
}

/** Of a socket. */
interface Addresses {
  readonly remoteAddress: string | undefined;
  readonly localAddress: string | undefined;
}

/** The rooms of a process. Peers of this pod have their own: no load from outside takes it from them. */
export class Rooms {
  readonly #turns = new Turns();
  /** Of this pod's own peers. */
  readonly pod: Room = new Room(MAX_CONNECTIONS, this.#turns);
  readonly #outside = new Room(MAX_CONNECTIONS, this.#turns);

  /** A peer that is gone already has no address, and no claim. */
  of({ remoteAddress, localAddress }: Addresses): Room {
    if (remoteAddress === undefined) return this.#outside;
    return remoteAddress === localAddress || isLoopback(remoteAddress) ? this.pod : this.#outside;
  }
}
