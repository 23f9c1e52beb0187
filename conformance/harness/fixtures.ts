/** The worlds of one run of the harness: each is opened when it is first asked for, and all are closed at the end. */
import { realClock, startFakeClock } from "./faketime.ts";
import { Fixture } from "./fixture.ts";

/** At 60 a second of a client's patience is 17 ms, which a busy machine still keeps; at 240 it is not. */
const RATE = 60;

export class Fixtures {
  readonly #open = new Map<"real" | "simulated", Promise<Fixture>>();

  readonly real = (): Promise<Fixture> => this.#fixture("real");
  readonly simulated = (): Promise<Fixture> => this.#fixture("simulated");

  async close(): Promise<void> {
    const fixtures = await Promise.all(this.#open.values());
    this.#open.clear();
    await Promise.all(fixtures.map((fixture) => fixture.close()));
  }

  #fixture(kind: "real" | "simulated"): Promise<Fixture> {
    const known = this.#open.get(kind);
    if (known !== undefined) return known;
    const opened =
      kind === "real" ? Fixture.open(realClock) : startFakeClock(RATE).then((clock) => Fixture.open(clock));
    this.#open.set(kind, opened);
    return opened;
  }
}
