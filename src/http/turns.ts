/**
 * How many waiting requests are looked at in one turn of the event loop. The loop accepts one connection in each turn, so
 * a turn must stay short, however many connections have requests that wait.
 */
const PER_TURN = 8;

/** Lets connections with waiting requests have their turn, one after the other, behind all that the loop has to do. */
export class Turns {
  readonly #waiting = new Set<() => void>();

  add(goOn: () => void): void {
    this.#waiting.add(goOn);
    if (this.#waiting.size === 1) setImmediate(this.#take);
  }

  readonly #take = (): void => {
    let left = PER_TURN;
    for (const goOn of this.#waiting) {
      if (left === 0) break;
      left -= 1;
      this.#waiting.delete(goOn);
      goOn();
    }
    if (this.#waiting.size > 0) setImmediate(this.#take);
  };
}
