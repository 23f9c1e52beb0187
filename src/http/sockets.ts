/** What is done to sockets beside Node's HTTP server. */
import type { Socket } from "node:net";

/**
 * Ends a connection with what the kernel still has to send. libuv refuses that while the socket is being shut down, and
 * leaves it open for ever; that takes one turn of the event loop.
 */
export function reset(socket: Socket): void {
  const isShuttingDown = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (isShuttingDown) socket.once("finish", () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Frees what a socket has read. V8 hardly sees the memory of buffers, and so collects them late: those of a thousand
 * dropped connections add up to 64 MB.
 */
export function discard({ buffer }: Buffer): Buffer {
  (buffer as ArrayBuffer).transfer(0);
  return NOTHING;
}

/** A listener for the last one that was added, which is returned. */
export function replaceLast<Args extends unknown[]>(socket: Socket, event: string, listener: (...args: Args) => void) {
  const replaced = socket.listeners(event).at(-1) as (...args: Args) => void;
  // In this order: a socket without a listener for data stops to flow.
  socket.on(event, listener);
  socket.off(event, replaced);
  return replaced;
}

/** The first bytes, without a new view when they are all. */
export function firstOf(bytes: Buffer, length: number): Buffer {
  return length === bytes.length ? bytes : bytes.subarray(0, length);
}

/** The bytes behind these. */
export function behind(bytes: Buffer, length: number): Buffer {
  return length === bytes.length ? NOTHING : bytes.subarray(length);
}
