/**
 * Asks STS in the first region and, when that does not answer, in its fallbacks (`SIDECAR_STS_FALLBACK_REGIONS`). A
 * configured endpoint has no other regions, and a fallback of another partition does not know the role: neither is left.
 */
import type { StsRegion } from "../credentials.ts";
import { partitionOf } from "../partitions.ts";
import { afterCall, firstRegion, healthy, type RegionHealth, type RegionResult } from "../policy/region-failover.ts";
import { durationRefusal } from "./duration-refusal.ts";
import { type FailureKind, UpstreamFailure } from "./failure.ts";
import type { Provided } from "./provided.ts";
import { hasOtherRegions, type StsConfig } from "./sts-config.ts";

/** How one role was obtained from STS. */
export interface StsAnswer extends StsRegion {
  /** Why home did not answer; undefined when it did. */
  readonly homeFailure: UpstreamFailure | undefined;
}

/** A call to STS by one role of an attempt; `home` says how STS is asked where every region is well. */
export type AskSts = (home: StsConfig, call: (config: StsConfig) => Promise<Provided>) => Promise<Provided>;

/** Finds the class of what a call threw. */
type Classify = (thrown: unknown) => UpstreamFailure;

/** A failure, with the region that it came from. */
interface RegionFailure {
  readonly region: string;
  readonly failure: UpstreamFailure;
}

/** Which regions may be asked besides the first; `only` is asked in its place, and no other is. */
export interface RegionChoice {
  readonly fallbacks: readonly string[];
  readonly only?: string | undefined;
}

/** What one identity knows of its regions from attempt to attempt. */
export class StsRegions {
  readonly choice: RegionChoice;
  health: RegionHealth = healthy;
  /** Of the first region, since it last answered. */
  homeFailure: RegionFailure | undefined;

  constructor(choice: RegionChoice) {
    this.choice = choice;
  }

  /** The regions of one attempt. `signal` aborts when its time is over. */
  begin(signal: AbortSignal, classify: Classify): AttemptRegions {
    return new AttemptRegions(this, signal, classify);
  }
}

/** One attempt, which may ask STS for several roles of a chain, and again for a shorter session. */
export class AttemptRegions {
  readonly #known: StsRegions;
  readonly #signal: AbortSignal;
  readonly #classify: Classify;
  readonly #asked = new Set<string>();
  /** The region that answered in this attempt: what follows is asked there. */
  #at: string | undefined;
  #answer: StsAnswer | undefined;

  constructor(known: StsRegions, signal: AbortSignal, classify: Classify) {
    this.#known = known;
    this.#signal = signal;
    this.#classify = classify;
  }

  /** The last answer with credentials; undefined when STS was not asked, or at a configured endpoint. */
  get answer(): StsAnswer | undefined {
    return this.#answer;
  }

  /** Rejects with what the call threw, or with an `UpstreamFailure` when it is about more than one region. */
  readonly ask: AskSts = async (first, call) => {
    if (!hasOtherRegions(first)) return await call(first);
    const { only, fallbacks } = this.#known.choice;
    const home = only === undefined ? first : configOf(first, only);
    const regions = regionsFrom(home.region, only === undefined ? fallbacks : []);
    const failures: RegionFailure[] = [];
    let region = this.#at ?? firstRegion(regions, this.#known.health);
    for (;;) {
      this.#asked.add(region);
      try {
        return this.#answered(await call(configOf(home, region)), { region, home: home.region });
      } catch (thrown) {
        const next = this.#failed(thrown, { regions, region, failures });
        if (next === undefined) throw failures.length === 0 ? thrown : this.#told(failures);
        region = next;
      }
    }
  };

  #answered(provided: Provided, sts: StsRegion): Provided {
    const { homeFailure } = this.#known;
    this.#known.health = healthy;
    this.#at = sts.region;
    if (sts.region === sts.home) this.#known.homeFailure = undefined;
    this.#answer = { ...sts, homeFailure: sts.region === sts.home ? undefined : homeFailure?.failure };
    return { ...provided, sts };
  }

  /**
   * Takes note of a failure, and gives the region to ask next. `failures` gathers what is about the regions; it is empty
   * after a refusal that every region would repeat, or that another call in this one mends.
   */
  #failed(thrown: unknown, { regions, region, failures }: Asked): string | undefined {
    const failure = this.#classify(thrown);
    const result = resultOf(thrown, failure);
    const isHome = region === regions[0];
    const { health, next } = afterCall(this.#known.health, { regions, region, result, asked: [...this.#asked] });
    this.#known.health = health;
    const isOut = result === "down" || result === "throttled";
    if (isHome) this.#known.homeFailure = isOut ? { region, failure } : undefined;
    if (result === "answered" || (isHome && result === "refused")) {
      this.#at = region;
      failures.length = 0;
      return undefined;
    }
    if (regions.length > 1) failures.push({ region, failure });
    return this.#signal.aborted ? undefined : next;
  }

  #told(failures: readonly RegionFailure[]): UpstreamFailure {
    const { homeFailure } = this.#known;
    const isTold = failures.some(({ region }) => region === homeFailure?.region);
    return together(homeFailure === undefined || isTold ? failures : [homeFailure, ...failures]);
  }
}

interface Asked {
  /** Home first. */
  readonly regions: readonly string[];
  readonly region: string;
  readonly failures: RegionFailure[];
}

/** Home and those of its fallbacks that are of its partition. */
function regionsFrom(home: string, fallbacks: readonly string[]): readonly string[] {
  const others = fallbacks.filter((region) => region !== home && partitionOf(region) === partitionOf(home));
  return [home, ...others];
}

/** The modes (FIPS, dual stack) are the same in each region. */
function configOf(home: StsConfig, region: string): StsConfig {
  if (region === home.region) return home;
  const { endpoint: _, ...modes } = home;
  return { ...modes, region };
}

const results: Readonly<Partial<Record<FailureKind, RegionResult>>> = {
  unreachable: "down",
  timeout: "down",
  unavailable: "down",
  throttled: "throttled",
};

/** A refusal of the duration, or of the time of the signature, is answered in the same region by another call. */
function resultOf(thrown: unknown, { kind }: UpstreamFailure): RegionResult {
  if (kind === "clock" || durationRefusal(thrown) !== undefined) return "answered";
  return results[kind] ?? "refused";
}

/** One failure for the schedule, of the class of the first: a fallback that refuses must not make a passing failure final. */
function together(failures: readonly RegionFailure[]): UpstreamFailure {
  const [first] = failures;
  if (first === undefined) throw new Error("no region has failed");
  const { kind, upstreamCode, clockOffset, retryAfterMs, subject } = first.failure;
  const message = failures.map(({ region, failure }) => `${failure.message} in ${region}`).join("; ");
  const others = failures.slice(1).filter(({ failure }) => results[failure.kind] === undefined);
  const remedy = [first.failure.remedy, ...others.map(({ region, failure }) => `in ${region}: ${failure.remedy}`)].join(
    "; ",
  );
  return new UpstreamFailure(kind, message, { upstreamCode, clockOffset, retryAfterMs, subject, remedy });
}
