import { type ClockReading, readClocks } from "../../src/cache/cached-credentials.ts";
import type { FakeClock } from "./fake-clock.ts";
import { GatedUpstream } from "./upstreams.ts";

/** A gated upstream that knows which of its calls the credential cache must have given up. */
export class WatchedUpstream extends GatedUpstream {
  readonly #clock: FakeClock;
  readonly #begun: ClockReading[] = [];
  /** When the latest call began. */
  latest: ClockReading;
  /** Whether a call was made while another had time left. The credential cache would take a throw here for upstream's. */
  overlapped = false;

  constructor(clock: FakeClock) {
    super();
    this.#clock = clock;
    this.latest = readClocks(clock);
  }

  override fetch() {
    this.latest = readClocks(this.#clock);
    this.overlapped ||= this.#begun.some(({ monotonicMs }) => this.latest.monotonicMs - monotonicMs < this.timeoutMs);
    this.#begun.push(this.latest);
    return super.fetch();
  }

  /** Settles the oldest call, if there is one. */
  settleOldest(how: () => void): void {
    if (this.#begun.shift() !== undefined) how();
  }
}
