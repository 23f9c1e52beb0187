import type { Edge } from "../edge.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { adminUrl, askReadiness, type Readiness } from "./readiness.ts";
import { loadSettings } from "./settings.ts";

/** Exit 0 when the sidecar of this pod is ready, for `docker` and exec probes in an image without a shell; else it says why. */
export async function healthcheck(args: readonly string[], edge: Edge): Promise<ExitCode> {
  const loaded = loadSettings("healthcheck", args, edge);
  if (loaded.kind === "problems") return exitCodes.badSettings;
  const admin = adminUrl(loaded.settings);
  if (admin === undefined) return adminOff("healthcheck", edge);
  const readiness = await askReadiness(admin, edge.clock);
  if (readiness.kind === "ready") return exitCodes.ok;
  edge.printError(`${sentence(readiness)}\n`);
  return exitCodes.failure;
}

export function adminOff(command: string, { printError }: Pick<Edge, "printError">): ExitCode {
  printError(
    `AdminOff: ${command} asks the admin listener, and SIDECAR_ADMIN_LISTEN is off; write its address, such as SIDECAR_ADMIN_LISTEN=:9912\n`,
  );
  return exitCodes.badSettings;
}

/** Why the sidecar is not ready, with a code for programs. */
export function sentence(readiness: Exclude<Readiness, { kind: "ready" }>): string {
  if (readiness.kind === "not-ready") return `NotReady: ${readiness.why}`;
  return `NotReachable: ${readiness.why}; start the sidecar, or set SIDECAR_ADMIN_LISTEN as it has it`;
}
