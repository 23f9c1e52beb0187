import type { Observer } from "./events.ts";
import type { Tell } from "./log.ts";

/** Says when the sessions of an identity are shorter than was asked, and when they are so no more. */
export function sessionDurationLine(tell: Tell): Observer["onSessionDuration"] {
  const shorter = new Set<string>();
  return (identity, duration) => {
    if (duration.limit !== undefined) {
      shorter.add(identity);
      tell("DurationSteppedDown", { identity, ...duration });
    } else if (shorter.delete(identity)) {
      tell("DurationAllowed", { identity, ...duration });
    }
  };
}
