/** Standard output and standard error. What happens to a pipe must never block, end or fill the program. */
import type { Writable } from "node:stream";

/**
 * How much may wait for the other end of a pipe to read, in bytes. A pipe holds 64 KiB itself; everything together must fit
 * the memory limit of the manifests.
 */
export const MAX_WAITING_BYTES = 256 * 1024;

/** How long the end of the program waits for a reader, in ms. */
export const FLUSH_LIMIT_MS = 1_000;

/**
 * Writes to a stream, and counts what cannot be written: the pipe has no reader, or one that is too slow, or the disk
 * is full. Node writes to a pipe without blocking and keeps the rest in memory without a bound, hence the one here.
 */
export class Output {
  readonly #stream: Pick<Writable, "write" | "writableLength">;
  readonly #setTimer: (delayMs: number, fire: () => void) => () => void;
  readonly #onResumed = new Set<(lost: number) => void>();
  readonly #onFlushed = new Set<() => void>();
  #lost = 0;
  #lostBeforeResuming = 0;

  constructor(
    stream: Pick<Writable, "write" | "writableLength" | "on">,
    setTimer: (delayMs: number, fire: () => void) => () => void,
  ) {
    this.#stream = stream;
    this.#setTimer = setTimer;
    // The callback of each write counts its error. Without a listener the event would end the program.
    stream.on("error", () => {});
  }

  write(text: string): void {
    if (this.#stream.writableLength + text.length > MAX_WAITING_BYTES) this.#lost += 1;
    else this.#stream.write(text, (error) => this.#ended(error));
  }

  /** How many writes were lost since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Calls `handle` when everything is written again, with the number of writes that were lost before. */
  onResumed(handle: (lost: number) => void): () => void {
    this.#onResumed.add(handle);
    return () => void this.#onResumed.delete(handle);
  }

  /** Resolves when everything is written, and after {@link FLUSH_LIMIT_MS} at the latest. */
  async flush(): Promise<void> {
    if (this.#stream.writableLength === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onFlushed.add(resolve);
    const cancel = this.#setTimer(FLUSH_LIMIT_MS, resolve);
    await promise;
    cancel();
  }

  #ended(error: Error | null | undefined): void {
    if (error) this.#lost += 1;
    if (this.#stream.writableLength > 0) return;
    for (const flushed of this.#onFlushed) flushed();
    if (error || this.#lost === this.#lostBeforeResuming) return;
    const lost = this.#lost - this.#lostBeforeResuming;
    this.#lostBeforeResuming = this.#lost;
    for (const handle of this.#onResumed) handle(lost);
  }
}
