import { GatedUpstream } from "./upstreams.ts";

/** A gated upstream that knows which of its calls the credential cache must have given up. */
export class WatchedUpstream extends GatedUpstream {
  readonly #elapsed: () => number;
  readonly #begun: number[] = [];
  /** Whether a call was made while another had time left. The credential cache would take a throw here for upstream's. */
  overlapped = false;

  constructor(elapsed: () => number) {
    super();
    this.#elapsed = elapsed;
  }

  override fetch() {
    this.overlapped ||= this.#begun.some((begunAt) => this.#elapsed() - begunAt < this.timeoutMs);
    this.#begun.push(this.#elapsed());
    return super.fetch();
  }

  /** Settles the oldest call, if there is one. */
  settleOldest(how: () => void): void {
    if (this.#begun.shift() !== undefined) how();
  }
}
