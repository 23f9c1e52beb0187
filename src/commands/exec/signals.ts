/** Signals for a program that runs in the sidecar's place. */
import type { Edge } from "../../edge.ts";
import type { Child } from "../../process/child.ts";

/** Those that the keys of a terminal send, to all processes in front of it. */
const BY_KEY: readonly string[] = ["SIGINT", "SIGQUIT"];
const STOPPING: readonly string[] = [...BY_KEY, "SIGTERM", "SIGHUP"];

/** Passes signals on. The sidecar does not stop at any: the program may need credentials until it has ended. */
export class ProgramSignals {
  /** The first stopping signal that arrives before there is a program. */
  readonly beforeStart: Promise<string>;
  readonly end: () => void;
  #stoppedBy: string | undefined;
  #child: Child | undefined;

  /** `sharesTerminal` says whether the keys of a terminal reach the program too. */
  constructor(onSignal: Edge["onSignal"], sharesTerminal: () => boolean) {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.beforeStart = promise;
    this.end = onSignal((name) => {
      if (this.#child === undefined) {
        if (!STOPPING.includes(name)) return;
        this.#stoppedBy ??= name;
        resolve(name);
      } else if (!BY_KEY.includes(name) || !sharesTerminal()) {
        this.#child.signal(name as NodeJS.Signals);
      }
    });
  }

  /** The signal of {@link beforeStart}, to look at right before the program is started: nobody waits for it any more. */
  get stoppedBy(): string | undefined {
    return this.#stoppedBy;
  }

  passTo(child: Child): void {
    this.#child = child;
  }
}
