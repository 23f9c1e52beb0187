/** Lines for people, of which equal ones collapse: the last one is written again with a count (×40). */
export interface LinesOptions {
  readonly write: (text: string) => void;
  /** A terminal takes a line back; elsewhere the count is written when another line comes, or at the end. */
  readonly isTerminal: boolean;
  /** The wall clock in ms. */
  readonly now: () => number;
}

export class Lines {
  readonly #options: LinesOptions;
  #key: string | undefined;
  #last = "";
  #count = 0;

  constructor(options: LinesOptions) {
    this.#options = options;
  }

  /** `key` is equal for lines that say the same of other moments. */
  say(key: string, text: string): void {
    const { write, isTerminal, now } = this.#options;
    const time = new Date(now()).toTimeString().slice(0, 8);
    if (key !== this.#key) this.end();
    this.#count = key === this.#key ? this.#count + 1 : 1;
    this.#key = key;
    this.#last = `${time}  ${text}`;
    if (this.#count === 1) write(`${this.#last}\n`);
    // Up a line, and that line cleared.
    else if (isTerminal) write(`\x1b[1A\x1b[2K${this.#last}  ×${this.#count}\n`);
  }

  /** Writes the count that is still owed. */
  end(): void {
    const { write, isTerminal } = this.#options;
    if (this.#count > 1 && !isTerminal) write(`${this.#last}  ×${this.#count}\n`);
    this.#count = 0;
    this.#key = undefined;
  }
}
