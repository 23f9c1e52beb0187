/** The times at which something happens to each pod, earliest first: a binary heap with one entry per pod. */
export class Queue {
  readonly #times: Float64Array;
  readonly #pods: Int32Array;
  #size = 0;

  constructor(pods: number) {
    this.#times = new Float64Array(pods);
    this.#pods = new Int32Array(pods);
  }

  /** Adds a pod that is not in the queue. */
  push(pod: number, at: number): void {
    let index = this.#size++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#at(parent) <= at) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#times[index] = at;
    this.#pods[index] = pod;
  }

  /** Takes the earliest out; undefined when nothing is left. */
  pop(): { readonly pod: number; readonly at: number } | undefined {
    if (this.#size === 0) return undefined;
    const first = { pod: this.#pods[0] ?? 0, at: this.#at(0) };
    this.#size -= 1;
    if (this.#size > 0) this.#sink(this.#size);
    return first;
  }

  /** Puts the entry at `last` into the free root, and down to where it belongs. */
  #sink(last: number): void {
    const at = this.#at(last);
    let index = 0;
    for (let child = 1; child < this.#size; child = 2 * index + 1) {
      const least = child + 1 < this.#size && this.#at(child + 1) < this.#at(child) ? child + 1 : child;
      if (this.#at(least) >= at) break;
      this.#move(least, index);
      index = least;
    }
    this.#move(last, index);
  }

  #at(index: number): number {
    return this.#times[index] ?? Number.POSITIVE_INFINITY;
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#at(from);
    this.#pods[to] = this.#pods[from] ?? 0;
  }
}
