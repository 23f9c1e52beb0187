/** Where the state file may not be. Pure. */
import { named } from "./problems.ts";
import type { Sources } from "./resolve.ts";
import type { Settings } from "./table.ts";

/** Each is a conflict: a medium without a file, and a file where tokens are read from. */
export function stateFileConflicts(settings: Settings, sources: Sources): readonly string[] {
  const { "state-file": path, "auth-token-file": tokens } = settings;
  if (path === undefined) {
    return sources["state-medium"].kind === "default"
      ? []
      : [`${named("state-medium")} has no effect without ${named("state-file")}`];
  }
  if (tokens === undefined || (path !== tokens && !path.startsWith(`${tokens.replace(/\/+$/, "")}/`))) return [];
  return [`${named("state-file")}: ${path} is where tokens are read from (${named("auth-token-file")})`];
}
