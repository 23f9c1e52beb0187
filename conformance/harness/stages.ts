/** The worlds of one run of the harness: each is opened when it is first asked for, and all are closed at the end. */
import { realClock, startFakeClock } from "./faketime.ts";
import { Stage } from "./stage.ts";

/** At 60 a second of a client's patience is 17 ms, which a busy machine still keeps; at 240 it is not. */
const RATE = 60;

export class Stages {
  readonly #open = new Map<"real" | "simulated", Promise<Stage>>();

  readonly real = (): Promise<Stage> => this.#stage("real");
  readonly simulated = (): Promise<Stage> => this.#stage("simulated");

  async close(): Promise<void> {
    const stages = await Promise.all(this.#open.values());
    this.#open.clear();
    await Promise.all(stages.map((stage) => stage.close()));
  }

  #stage(kind: "real" | "simulated"): Promise<Stage> {
    const known = this.#open.get(kind);
    if (known !== undefined) return known;
    const opened = kind === "real" ? Stage.open(realClock) : startFakeClock(RATE).then((clock) => Stage.open(clock));
    this.#open.set(kind, opened);
    return opened;
  }
}
