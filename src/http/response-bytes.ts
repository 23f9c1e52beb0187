/** An answer as Node's server would write it, for requests that do not go through Node's parser. */
import { STATUS_CODES } from "node:http";
import { SECOND } from "../time.ts";
import type { Answer } from "./documents.ts";
import { CLOSE } from "./malformed.ts";

/** As many as there are documents that are read in turn. */
const MAX_KEPT = 64;

export class ResponseBytes {
  readonly #now: () => number;
  readonly #keepAlive: string;
  #second = Number.NaN;
  #date = "";
  /** Of this second, whose date is in them: bytes are written as they are, however many they are. */
  readonly #kept = new Map<Answer, Buffer>();

  /** `now` is the wall clock in ms. */
  constructor(now: () => number, keepAliveMs: number) {
    this.#now = now;
    this.#keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / SECOND)}\r\n`;
  }

  /** The whole answer, which may be the last on its connection. */
  of(answer: Answer, isLast: boolean): Buffer {
    this.#look();
    if (isLast) return this.#render(answer, true);
    const known = this.#kept.get(answer);
    if (known !== undefined) return known;
    const bytes = this.#render(answer, false);
    if (this.#kept.size < MAX_KEPT) this.#kept.set(answer, bytes);
    return bytes;
  }

  #look(): void {
    const second = Math.floor(this.#now() / SECOND);
    if (second === this.#second) return;
    this.#second = second;
    this.#date = new Date(second * SECOND).toUTCString();
    this.#kept.clear();
  }

  #render({ status, headers, body, encoding }: Answer, isLast: boolean): Buffer {
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
    const all = isLast ? [...headers, ...CLOSE] : headers;
    for (let index = 0; index < all.length; index += 2) head += `${all[index]}: ${all[index + 1]}\r\n`;
    return Buffer.from(`${head}Date: ${this.#date}\r\n${isLast ? "" : this.#keepAlive}\r\n${body}`, encoding);
  }
}
