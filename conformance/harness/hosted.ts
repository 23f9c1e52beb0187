/** A sidecar that may be restarted on its port, with the counts of all its lives. */
import type { Clock } from "./faketime.ts";
import { type Sidecar, type SidecarCounts, type SidecarOptions, startSidecar } from "./sidecar.ts";

const NONE: SidecarCounts = { reads: 0, unavailable: 0, waited: 0, refreshes: 0 };

export class Hosted {
  readonly #options: SidecarOptions;
  #sidecar: Sidecar;
  #former = NONE;

  private constructor(options: SidecarOptions, sidecar: Sidecar) {
    this.#options = options;
    this.#sidecar = sidecar;
  }

  static async start(
    clock: Clock,
    where: readonly string[],
    env: Readonly<Record<string, string>>,
    until: SidecarOptions["until"],
  ) {
    const options = { clock, where, env, until };
    return new Hosted(options, await startSidecar(options));
  }

  get url(): string {
    return this.#sidecar.url;
  }

  async counts(): Promise<SidecarCounts> {
    return sum(this.#former, await this.#sidecar.counts());
  }

  /** Resolves when the new one is ready. */
  async restart(how: "stopped" | "killed" = "stopped"): Promise<void> {
    this.#former = await this.counts();
    await (how === "killed" ? this.#sidecar.kill() : this.#sidecar.stop());
    this.#sidecar = await startSidecar({ ...this.#options, until: "ready", port: this.#sidecar.port });
  }

  /** Has the sidecar ask upstream for a new session now, which may come a moment later. */
  refresh(): Promise<void> {
    return this.#sidecar.refresh();
  }

  stop(): Promise<void> {
    return this.#sidecar.stop();
  }
}

function sum(a: SidecarCounts, b: SidecarCounts): SidecarCounts {
  return {
    reads: a.reads + b.reads,
    unavailable: a.unavailable + b.unavailable,
    waited: a.waited + b.waited,
    refreshes: a.refreshes + b.refreshes,
  };
}
