/** What the log says of the state file. */
import { stateFileRemedy } from "../state/remedy.ts";
import { formatTime } from "../time.ts";
import type { Observer } from "./events.ts";
import type { Tell } from "./log.ts";

export function stateLines(tell: Tell): Pick<Observer, "onState"> {
  return {
    onState(event) {
      if (event.kind === "ignored") tell("StateIgnored", { identity: event.identity, reason: event.reason });
      if (event.kind === "failed" && event.isNews)
        tell("StateNotKept", { reason: event.reason, remedy: stateFileRemedy });
      if (event.kind !== "restored") return;
      const { identity, lifetime, nextRefreshAt } = event;
      tell("StateRestored", {
        identity,
        expiration: lifetime?.kind === "until" ? formatTime(lifetime.expiration) : undefined,
        nextRefresh: nextRefreshAt === undefined ? undefined : formatTime(nextRefreshAt),
      });
    },
  };
}
