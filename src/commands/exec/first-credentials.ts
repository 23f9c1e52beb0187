/** Waits for the first credentials of every identity, or for a reason to give up. */
import type { AttemptEvent } from "../../cache/events.ts";
import type { Clock } from "../../edge.ts";
import type { Sidecar } from "../../sidecar.ts";
import type { Observer } from "../../telemetry/events.ts";
import { isFinal, type UpstreamFailure } from "../../upstream/failure.ts";

export type Wait =
  | { readonly kind: "ready" }
  /** Waiting longer would not help, or the time is up. Without a failure no attempt has ended yet. */
  | { readonly kind: "gave-up"; readonly identity: string | undefined; readonly failure: UpstreamFailure | undefined };

export class FirstCredentials {
  readonly #ended = Promise.withResolvers<Wait>();
  #sidecar: Sidecar | undefined;
  #isReady = false;
  #last: { readonly identity: string; readonly failure: UpstreamFailure } | undefined;

  /** True when this failure ends the wait, and so is told as its end. */
  isEnd({ outcome }: AttemptEvent): boolean {
    return outcome.kind === "failed" && isFinal(outcome.failure) && !this.#isReady;
  }

  readonly observer: Pick<Observer, "onAttempt"> = { onAttempt: (event) => this.#look(event) };

  /** Resolves when every identity has credentials, when a failure is final, or after `limitMs`. */
  async of(sidecar: Sidecar, limitMs: number, { setTimer }: Pick<Clock, "setTimer">): Promise<Wait> {
    this.#sidecar = sidecar;
    this.#lookWhetherReady();
    const cancel = setTimer(limitMs, () => this.#giveUp());
    if (isFinal(this.#last?.failure)) this.#giveUp();
    const wait = await this.#ended.promise;
    cancel();
    return wait;
  }

  #look({ identity, outcome }: AttemptEvent): void {
    if (outcome.kind === "failed") this.#last = { identity, failure: outcome.failure };
    this.#lookWhetherReady();
    if (this.#sidecar !== undefined && isFinal(this.#last?.failure)) this.#giveUp();
  }

  #lookWhetherReady(): void {
    if (this.#sidecar?.status().ready !== true) return;
    this.#isReady = true;
    this.#ended.resolve({ kind: "ready" });
  }

  #giveUp(): void {
    this.#ended.resolve({ kind: "gave-up", identity: this.#last?.identity, failure: this.#last?.failure });
  }
}
