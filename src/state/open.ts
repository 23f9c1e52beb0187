/** The state file of a running sidecar. */
import type { Edge } from "../edge.ts";
import type { Identities } from "../identities.ts";
import type { Settings } from "../settings/table.ts";
import type { Observer } from "../telemetry/events.ts";
import { PrivateFile } from "./private-file.ts";
import { StateFile } from "./state-file.ts";

/** Undefined when the settings name none. Nothing is read yet. */
export function stateFileOf(
  { settings, edge }: { readonly settings: Settings; readonly edge: Edge },
  identities: Identities,
  observer: Observer,
): StateFile | undefined {
  const { "state-file": path, "state-medium": medium } = settings;
  if (path === undefined) return undefined;
  const { clock, userId, monotonicOriginMs } = edge;
  const file = new PrivateFile({ path, medium, userId });
  return new StateFile({ file, clock, monotonicOriginMs, identities, onState: (event) => observer.onState(event) });
}
