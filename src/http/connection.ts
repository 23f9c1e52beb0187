import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { DropReason } from "../drops.ts";
import { HeadScanner } from "./head-scanner.ts";
import type { Occupant, Room } from "./room.ts";

/** What a peer may leave unread in the kernel's buffers, which Node cannot ask about: then the connection ends. */
const MAX_WRITTEN_BYTES = 262_144;

/** What the connection needs from the server that accepted it. */
export interface ConnectionEvents {
  onDropped(reason: DropReason): void;
  /** Bytes that are not parsed at all. */
  onRefused(code: "HPE_HEADER_OVERFLOW" | "OTHER_PROTOCOL"): void;
}

/**
 * One connection, whose requests are answered one at a time.
 *
 * Node parses all requests of a packet at once, up to 3,600 of them, and keeps objects of several KB for each until it
 * is answered. So the parser gets one request, and the bytes behind it wait until the answer was handed to the kernel
 * and the other connections have had their turn. A peer that never reads gets no second answer, and bytes that are no
 * request are refused behind the answer to the request before them, not in its place.
 */
export class Connection implements Occupant {
  readonly #socket: Socket;
  readonly #room: Room;
  readonly #events: ConnectionEvents;
  readonly #parse: (bytes: Buffer) => void;
  readonly #parseEnd: () => void;
  /** A request was parsed, and the kernel does not yet have all of its answer. */
  #answering = false;
  #waiting: Buffer | undefined;
  #endWaits = false;
  readonly #head = new HeadScanner();
  #writtenBytes = 0;
  #waitingBytes = 0;

  /** Takes the place of the listeners that Node's HTTP server has just added. */
  constructor(socket: Socket, room: Room, events: ConnectionEvents) {
    this.#socket = socket;
    this.#room = room;
    this.#events = events;
    this.#parse = replaceLast(socket, "data", (bytes: Buffer) => this.#onData(bytes));
    this.#parseEnd = replaceLast(socket, "end", () => this.#onEnd());
    room.enter(this);
    socket.once("close", () => room.leave(this));
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** A request was parsed, and is about to be answered. */
  begin(response: ServerResponse): void {
    this.#answering = true;
    this.#room.onRequest(this);
    response.on("finish", this.#onAnswered);
  }

  /** Counts an answer that is about to be written. True when it has to be the last on this connection. */
  isLast(bytes: number): boolean {
    this.#room.onAnswer(this, bytes);
    this.#writtenBytes += bytes;
    return this.#writtenBytes > MAX_WRITTEN_BYTES || this.#room.isCrowded;
  }

  /** Ends the connection by a reset: otherwise the kernel would go on keeping what the peer has not read. */
  drop(reason: DropReason): void {
    if (this.#socket.destroyed) return;
    this.#socket.resetAndDestroy();
    this.#events.onDropped(reason);
  }

  #onData(bytes: Buffer): void {
    if (this.#answering) this.#wait(this.#waiting === undefined ? bytes : Buffer.concat([this.#waiting, bytes]));
    else this.#advance(bytes);
  }

  #onEnd(): void {
    if (this.#answering) this.#endWaits = true;
    else this.#parseEnd();
  }

  readonly #onAnswered = (): void => {
    if (this.#waiting === undefined && !this.#endWaits) this.#answering = false;
    else setImmediate(() => this.#goOn());
  };

  #goOn(): void {
    this.#answering = false;
    this.#advance(this.#waiting ?? NOTHING);
    if (!this.#endWaits || this.#answering) return;
    this.#endWaits = false;
    this.#parseEnd();
  }

  /** Parses up to the next request that has to be answered. */
  #advance(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0 && !this.#answering) {
      // Refused already, or answered for the last time.
      if (!this.#socket.writable) {
        this.#socket.destroy();
        return;
      }
      const length = this.#head.lengthIn(rest);
      if (this.#head.isTooLong || this.#head.isOtherProtocol) {
        this.#events.onRefused(this.#head.isTooLong ? "HPE_HEADER_OVERFLOW" : "OTHER_PROTOCOL");
        return;
      }
      this.#parse(length === rest.length ? rest : rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    this.#wait(rest);
  }

  #wait(bytes: Buffer): void {
    this.#waiting = bytes.length === 0 ? undefined : bytes;
    const more = bytes.length === 0 ? -this.#waitingBytes : Math.max(0, bytes.length - this.#waitingBytes);
    if (more === 0) return;
    const fits = this.#room.onWaiting(this, more);
    this.#waitingBytes += more;
    if (!fits) this.drop("pipelined");
  }
}

const NOTHING = Buffer.alloc(0);

/** A listener for the last one that was added, which is returned. */
function replaceLast<Args extends unknown[]>(socket: Socket, event: string, listener: (...args: Args) => void) {
  const replaced = socket.listeners(event).at(-1) as (...args: Args) => void;
  // In this order: a socket without a listener for data stops to flow.
  socket.on(event, listener);
  socket.off(event, replaced);
  return replaced;
}
