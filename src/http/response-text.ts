/** An answer as Node's server would write it, for requests that do not go through Node's parser. */
import { STATUS_CODES } from "node:http";
import { SECOND } from "../time.ts";
import type { Answer } from "./documents.ts";
import { CLOSE } from "./malformed.ts";

export class ResponseTexts {
  readonly #now: () => number;
  readonly #keepAlive: string;
  #second = Number.NaN;
  #date = "";
  #last: { readonly answer: Answer; readonly second: number; readonly text: string } | undefined;

  /** `now` is the wall clock in ms. */
  constructor(now: () => number, keepAliveMs: number) {
    this.#now = now;
    this.#keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / SECOND)}\r\n`;
  }

  /** The whole answer. The same one is written many times in a second. */
  of(answer: Answer, isLast: boolean): string {
    const second = Math.floor(this.#now() / SECOND);
    if (!isLast && this.#last?.answer === answer && this.#last.second === second) return this.#last.text;
    const text = this.#render(answer, isLast, second);
    if (!isLast) this.#last = { answer, second, text };
    return text;
  }

  #render({ status, headers, body }: Answer, isLast: boolean, second: number): string {
    if (second !== this.#second) this.#date = new Date(second * SECOND).toUTCString();
    this.#second = second;
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
    const all = isLast ? [...headers, ...CLOSE] : headers;
    for (let index = 0; index < all.length; index += 2) head += `${all[index]}: ${all[index + 1]}\r\n`;
    return `${head}Date: ${this.#date}\r\n${isLast ? "" : this.#keepAlive}\r\n${body}`;
  }
}
