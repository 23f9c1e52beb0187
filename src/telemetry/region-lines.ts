/** What the log says of the regions that STS answers in. */
import type { StsAnswer } from "../upstream/sts-regions.ts";
import type { Observer } from "./events.ts";
import type { Tell } from "./log.ts";

/** A line for each answer of a fallback, and one for the first answer of the first region after that. */
export function regionLines(tell: Tell): Pick<Observer, "onStsAnswer"> {
  const away = new Set<string>();
  return {
    onStsAnswer(identity, { region, home, homeFailure }: StsAnswer) {
      if (region !== home) {
        away.add(identity);
        const { kind, message, upstreamCode } = homeFailure ?? {};
        tell("FallbackRegion", { identity, region, firstRegion: home, class: kind, reason: message, upstreamCode });
      } else if (away.delete(identity)) tell("FirstRegionAgain", { identity, region });
    },
  };
}
