import type { UpstreamFailure } from "../upstream/failure.ts";
import type { Outcome } from "./outcome.ts";

/** The attempts that failed since the last success. */
export class Failures {
  #latest: UpstreamFailure | undefined;
  #count = 0;
  #sinceMonotonicMs = 0;

  /** The failure of the last attempt; undefined when it succeeded or none has ended. */
  get latest(): UpstreamFailure | undefined {
    return this.#latest;
  }

  get count(): number {
    return this.#count;
  }

  /** How long ago the first of them began; meaningless without any. */
  lastedMs(nowMonotonicMs: number): number {
    return nowMonotonicMs - this.#sinceMonotonicMs;
  }

  /** An attempt ended that began at `beganMonotonicMs`; `count` includes it when it failed. */
  note(outcome: Outcome, count: number, beganMonotonicMs: number): void {
    if (count === 1) this.#sinceMonotonicMs = beganMonotonicMs;
    this.#count = count;
    this.#latest = outcome.kind === "failed" ? outcome.failure : undefined;
  }
}
