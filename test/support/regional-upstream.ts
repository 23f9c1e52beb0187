import type { Credentials } from "../../src/credentials.ts";
import { classify } from "../../src/upstream/classify.ts";
import { StsRegions } from "../../src/upstream/sts-regions.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import type { FakeClock } from "./fake-clock.ts";
import { SimulatedUpstream, type UpstreamBehaviour } from "./simulated-upstream.ts";

/** STS in several regions, each as the tests have it, asked by the program's own rule. The first is home. */
export class RegionalUpstream implements Upstream {
  readonly description = "regional";
  readonly timeoutMs = 30_000;
  /** The regions' calls, by region. */
  readonly regions: ReadonlyMap<string, SimulatedUpstream>;
  readonly #clock: FakeClock;
  readonly #known: StsRegions;
  readonly #home: string;

  constructor(clock: FakeClock, regions: readonly [string, ...string[]]) {
    const [home, ...fallbacks] = regions;
    this.#clock = clock;
    this.#home = home;
    this.#known = new StsRegions({ fallbacks });
    this.regions = new Map(regions.map((region) => [region, new SimulatedUpstream(clock)]));
  }

  /** Every call so far, whatever region it went to. */
  get calls(): readonly number[] {
    return [...this.regions.values()].flatMap(({ calls }) => calls);
  }

  /** What the regions do from now on, in their order; the last behaviour is that of all further ones. */
  behave(...behaviours: readonly UpstreamBehaviour[]): void {
    for (const [index, region] of [...this.regions.values()].entries()) {
      region.behaviour = behaviours[index] ?? behaviours.at(-1) ?? { kind: "hangs" };
    }
  }

  async fetch(signal: AbortSignal): Promise<Credentials> {
    const attempt = this.#known.begin(signal, (thrown) => classify(thrown, this.#clock.now()));
    const modes = { useFipsEndpoint: false, useDualstackEndpoint: false };
    // As the transport does: a request ends with the attempt's time.
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(Object.assign(new Error("aborted"), { name: "AbortError" })));
    let given: Credentials | undefined;
    const { sts } = await attempt.ask({ region: this.#home, ...modes }, async ({ region }) => {
      given = await Promise.race([this.regions.get(region)?.fetch(), aborted]);
      return { answer: {}, mayLast: false };
    });
    if (given === undefined || sts === undefined) throw new Error("no region answered");
    return { ...given, sts };
  }
}
