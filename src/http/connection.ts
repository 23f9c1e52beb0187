import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { DropReason } from "../drops.ts";
import type { ConnectionHost } from "./connection-host.ts";
import type { Answer } from "./documents.ts";
import { HeadScanner } from "./head-scanner.ts";
import { LastRequest } from "./repeats.ts";
import type { Occupant, Room } from "./room.ts";
import { behind, discard, firstOf, replaceLast, reset } from "./sockets.ts";

/** What a peer may leave unread in the kernel's buffers, which Node cannot ask about: then the connection ends. */
const MAX_WRITTEN_BYTES = 262_144;

/** A peer whose connection has ended on this side has this long to end it on the other. */
export const LINGER_MS = 2_000;

/** About what the status line and the headers of an answer take. */
const HEAD_BYTES = 300;

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
  readonly #host: ConnectionHost;
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
  readonly #last = new LastRequest();

  /** Takes the place of the listeners that Node's HTTP server has just added. */
  constructor(socket: Socket, room: Room, host: ConnectionHost) {
    this.#socket = socket;
    this.#room = room;
    this.#host = host;
    this.#parse = replaceLast(socket, "data", (bytes: Buffer) => this.#onData(bytes));
    const parseEnd = replaceLast(socket, "end", () => this.#onEnd());
    // Node's parser would end the socket once more, and make an error of that.
    this.#parseEnd = () => {
      if (!socket.writableEnded) parseEnd();
    };
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
    this.#last.onParsed();
    this.#room.onRequest(this);
    response.on("finish", this.#onAnswered);
  }

  /** A request that may come again. */
  remember(request: IncomingMessage): void {
    this.#last.onServed(request);
  }

  /** Counts an answer that is about to be written. True when it has to be the last on this connection. */
  isLast(answer: Answer): boolean {
    const bytes = HEAD_BYTES + answer.bytes;
    this.#room.onAnswer(this, bytes);
    this.#writtenBytes += bytes;
    return this.#writtenBytes > MAX_WRITTEN_BYTES || this.#room.isCrowded;
  }

  /** Ends the connection by a reset: otherwise the kernel would go on keeping what the peer has not read. */
  drop(reason: DropReason): void {
    if (this.#socket.destroyed) return;
    reset(this.#socket);
    this.#host.onDropped(reason);
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
    if (!this.#answering && this.#answerAgain(bytes)) return;
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
      const { isAtStart } = this.#head;
      const length = this.#head.lengthIn(rest);
      if (this.#head.isTooLong || this.#head.isOtherProtocol) {
        this.#host.onRefused(this.#head.isTooLong ? "HPE_HEADER_OVERFLOW" : "OTHER_PROTOCOL", this.#socket);
        return discard(rest);
      }
      this.#last.onBytes(isAtStart && length === rest.length ? rest : undefined);
      this.#parse(firstOf(rest, length));
      rest = behind(rest, length);
    }
    return rest;
  }

  /** Answers a request that came again, byte for byte. False when it has to be parsed. */
  #answerAgain(bytes: Buffer): boolean {
    const request = this.#head.isAtStart && this.#socket.writable ? this.#last.in(bytes) : undefined;
    const answer = request && this.#host.answerAgain(request);
    if (answer === undefined) return false;
    const { bytesOf, stalledMs } = this.#host;
    this.#answering = true;
    this.#room.onRequest(this);
    const isLast = this.isLast(answer);
    this.#socket.write(bytesOf.of(answer, isLast), this.#onWritten);
    if (isLast) this.#socket.destroySoon();
    else if (this.#socket.writableLength > 0) this.#socket.setTimeout(stalledMs);
    return true;
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (error) return;
    const { keepAliveMs } = this.#host;
    if (!this.#lingers && this.#socket.timeout !== keepAliveMs) this.#socket.setTimeout(keepAliveMs);
    this.#onAnswered();
  };

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
