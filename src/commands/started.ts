/** The first line of a sidecar's log, and the cautions about its settings. */
import type { Edge } from "../edge.ts";
import { shownVariables } from "../settings/aws-variables.ts";
import type { Resolved } from "../settings/resolve.ts";
import { shownSettings } from "../settings/shown.ts";
import { formatAddress } from "../settings/values.ts";
import type { Sidecar } from "../sidecar.ts";
import type { Log } from "../telemetry/log.ts";
import { version } from "../version.ts";
import type { Loaded } from "./settings.ts";

export function tellStarted(
  log: Log,
  loaded: Loaded,
  sidecar: Sidecar,
  { nodeVersion }: Pick<Edge, "nodeVersion">,
): void {
  log.tell("Started", {
    version,
    node: nodeVersion,
    credentials: sidecar.addresses.map(formatAddress),
    admin: sidecar.adminAddresses.map(formatAddress),
    settings: givenSettings(loaded),
    variables: Object.fromEntries(shownVariables(loaded.aws).map(({ name, value }) => [name, value])),
  });
  for (const { code, message } of loaded.cautions) log.tell("Caution", { caution: code, message });
}

/** Every setting that somebody set, with its source. */
function givenSettings(resolved: Resolved): Readonly<Record<string, string>> {
  const given = shownSettings(resolved).filter(({ source }) => source !== "unset" && source !== "default");
  return Object.fromEntries(given.map(({ variable, value, source }) => [variable, `${value} (${source})`]));
}
