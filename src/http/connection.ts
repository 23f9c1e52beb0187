import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { DropReason } from "../drops.ts";
import { HeadScanner } from "./head-scanner.ts";
import type { Occupant, Room } from "./room.ts";

/** What a peer may leave unread in the kernel's buffers, which Node cannot ask about: then the connection ends. */
const MAX_WRITTEN_BYTES = 262_144;

/** A peer whose connection has ended on this side has this long to end it on the other. */
export const LINGER_MS = 2_000;

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
  readonly #waiting: Buffer[] = [];
  #endWaits = false;
  #lingers = false;
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
    socket.destroySoon = () => this.#linger();
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
    reset(this.#socket);
    this.#events.onDropped(reason);
  }

  /**
   * After the last answer, in place of Node's way: a socket that is closed at once leaves unread bytes with the kernel,
   * where nobody counts them. So the peer ends the connection too, or time does.
   */
  #linger(): void {
    this.#lingers = true;
    this.#socket.setTimeout(LINGER_MS);
    this.#socket.end();
  }

  #onData(bytes: Buffer): void {
    const rest = this.#answering ? bytes : this.#advance(bytes);
    if (rest.length > 0) this.#wait(rest);
  }

  #onEnd(): void {
    if (this.#answering) this.#endWaits = true;
    else this.#parseEnd();
  }

  readonly #onAnswered = (): void => {
    if (this.#waiting.length === 0 && !this.#endWaits) this.#answering = false;
    else this.#room.turns.add(this.#goOn);
  };

  readonly #goOn = (): void => {
    this.#answering = false;
    while (!this.#answering) {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) break;
      const { length } = bytes;
      const rest = this.#advance(bytes);
      if (rest.length > 0) this.#waiting.unshift(rest);
      this.#count(rest.length - length);
    }
    if (!this.#endWaits || this.#answering) return;
    this.#endWaits = false;
    this.#parseEnd();
  };

  /** Parses up to the next request that has to be answered, and gives what is behind it. */
  #advance(bytes: Buffer): Buffer {
    let rest = bytes;
    while (rest.length > 0 && !this.#answering) {
      if (!this.#socket.writable) {
        // After the last answer nothing is read, so that it cannot put off the end; after a refusal, this is the end.
        if (this.#lingers) this.#socket.pause();
        else reset(this.#socket);
        return discard(rest);
      }
      const length = this.#head.lengthIn(rest);
      if (this.#head.isTooLong || this.#head.isOtherProtocol) {
        this.#events.onRefused(this.#head.isTooLong ? "HPE_HEADER_OVERFLOW" : "OTHER_PROTOCOL");
        return discard(rest);
      }
      const isWhole = length === rest.length;
      this.#parse(isWhole ? rest : rest.subarray(0, length));
      rest = isWhole ? NOTHING : rest.subarray(length);
    }
    return rest;
  }

  #wait(bytes: Buffer): void {
    this.#waiting.push(bytes);
    if (this.#count(bytes.length)) return;
    this.drop("pipelined");
    for (const one of this.#waiting.splice(0)) discard(one);
  }

  /** False when too many bytes wait. */
  #count(bytes: number): boolean {
    const fits = this.#room.onWaiting(this, bytes);
    this.#waitingBytes += bytes;
    return fits;
  }
}

/**
 * Ends a connection with what the kernel still has to send. libuv refuses that while the socket is being shut down, and
 * leaves it open for ever; that takes one turn of the event loop.
 */
export function reset(socket: Socket): void {
  const isShuttingDown = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (isShuttingDown) socket.once("finish", () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}

const NOTHING = Buffer.alloc(0);

/**
 * Frees what a socket has read. V8 hardly sees the memory of buffers, and so collects them late: those of a thousand
 * dropped connections add up to 64 MB.
 */
function discard({ buffer }: Buffer): Buffer {
  (buffer as ArrayBuffer).transfer(0);
  return NOTHING;
}

/** A listener for the last one that was added, which is returned. */
function replaceLast<Args extends unknown[]>(socket: Socket, event: string, listener: (...args: Args) => void) {
  const replaced = socket.listeners(event).at(-1) as (...args: Args) => void;
  // In this order: a socket without a listener for data stops to flow.
  socket.on(event, listener);
  socket.off(event, replaced);
  return replaced;
}
