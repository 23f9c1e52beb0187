/** The minimum lifetime against the duration of the sessions that STS is asked for. Pure. */
import { formatDuration } from "../time.ts";
import { type Caution, named } from "./problems.ts";
import type { Sources } from "./resolve.ts";
import type { Settings } from "./table.ts";

/** A minimum lifetime that was asked for and that no session can have is a conflict. */
export function minimumLifetimeConflict(settings: Settings, sources: Sources): readonly string[] {
  const { "minimum-lifetime": minimumLifetimeMs, duration: durationMs } = settings;
  if (!callsSts(settings) || minimumLifetimeMs < durationMs || sources["minimum-lifetime"].kind === "default")
    return [];
  return [
    `${named("minimum-lifetime")}: a minimum lifetime of ${formatDuration(minimumLifetimeMs)} is not possible with sessions of ${formatDuration(durationMs)} (${named("duration")})`,
  ];
}

function callsSts(settings: Settings): boolean {
  return settings["role-arn"] !== undefined || settings.upstream === "web-identity";
}

/** Sessions of the configured duration are refreshed below the default minimum lifetime. */
export function minimumLifetimeOutOfReach(settings: Settings, sources: Sources): readonly Caution[] {
  const { "minimum-lifetime": minimumLifetimeMs, duration: durationMs } = settings;
  const isDefault = sources["minimum-lifetime"].kind === "default";
  if (!callsSts(settings) || !isDefault || durationMs / 2 >= minimumLifetimeMs) return [];
  return [
    {
      code: "MinimumLifetimeOutOfReach",
      message: `sessions of ${formatDuration(durationMs)} are too short for the minimum lifetime of ${formatDuration(minimumLifetimeMs)}; some clients will read at every request, from memory`,
    },
  ];
}
