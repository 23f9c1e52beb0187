/**
 * Which regions of STS an attempt asks: the first, and its fallbacks when it does not answer. Pure. Regions are names, the
 * first of which is home.
 */

/**
 * What a call to one region gave. `down`: it cannot be reached, did not answer in time, or is unavailable. `answered`:
 * credentials, or a refusal that another region would repeat. `refused`: any other failure, which is the region's own
 * where it is a fallback.
 */
export type RegionResult = "answered" | "down" | "throttled" | "refused";

/** What the calls since a region last answered have shown. Immutable. */
export interface RegionHealth {
  /** Regions that did not answer. */
  readonly failed: readonly string[];
  /** Fallbacks that refused: STS is off in them, or a policy does not allow them. They are not asked until a region answers. */
  readonly refused: readonly string[];
  /** True when home has throttled once. */
  readonly throttled: boolean;
  /** The region that the next attempt begins with; undefined for home. */
  readonly turn: string | undefined;
}

/** Nothing is known against any region: an attempt begins at home. */
export const healthy: RegionHealth = { failed: [], refused: [], throttled: false, turn: undefined };

/** An attempt asks no more regions than this, so that it ends in bounded time. */
export const MAX_REGIONS_PER_ATTEMPT = 2;

/** The most fallbacks. With two, a total outage has one call more than with one region alone: promise 6 has room for it. */
export const MAX_FALLBACKS = 2;

/** The region that an attempt begins with. */
export function firstRegion(regions: readonly string[], { turn }: RegionHealth): string {
  const [home = ""] = regions;
  return turn !== undefined && regions.includes(turn) ? turn : home;
}

export interface RegionCall {
  /** Home, then the fallbacks in order. */
  readonly regions: readonly string[];
  readonly region: string;
  readonly result: RegionResult;
  /** The regions that this attempt has asked, this one among them. */
  readonly asked: readonly string[];
}

export interface AfterCall {
  readonly health: RegionHealth;
  /** The region that the same attempt asks next; undefined when it ends here. */
  readonly next: string | undefined;
}

/**
 * What a call means for the next one. The same attempt goes on to a region that has not failed since one last answered.
 * When all have failed, each attempt asks one region, in turn: together they get as many calls as one would. Home is asked
 * once more before its throttling counts as a failure, for throttling mostly passes by itself. Each answer begins anew, so
 * that the refresh after it asks home first.
 */
export function afterCall(health: RegionHealth, { regions, region, result, asked }: RegionCall): AfterCall {
  const isHome = region === regions[0];
  if (result === "answered" || (result === "refused" && isHome)) return { health: healthy, next: undefined };
  if (result === "throttled" && isHome && health.failed.length === 0 && !health.throttled) {
    return { health: { ...health, throttled: true, turn: undefined }, next: undefined };
  }
  const failed = [...new Set([...health.failed, region])];
  const refused = result === "refused" ? [...new Set([...health.refused, region])] : health.refused;
  const turn = following(regions, region, refused);
  const goesOn = !failed.includes(turn) && !asked.includes(turn) && asked.length < MAX_REGIONS_PER_ATTEMPT;
  return { health: { ...health, failed, refused, turn }, next: goesOn ? turn : undefined };
}

/** The next in the ring that has not refused; home never has. */
function following(regions: readonly string[], region: string, refused: readonly string[]): string {
  const at = regions.indexOf(region);
  const ring = [...regions.slice(at + 1), ...regions.slice(0, at + 1)];
  return ring.find((one) => !refused.includes(one)) ?? region;
}
