import { request } from "undici";
import type { Edge } from "../edge.ts";
import type { Settings } from "../settings/table.ts";
import type { ListenAddress } from "../settings/values.ts";
import { formatAddress } from "../settings/values.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { loadSettings } from "./settings.ts";

/** A probe that takes longer counts as failed. */
const TIMEOUT_MS = 2_000;

/** Exit 0 when the sidecar of this pod is ready, for `docker` and exec probes in an image without a shell. */
export async function healthcheck(args: readonly string[], edge: Edge): Promise<ExitCode> {
  const loaded = loadSettings(args, edge);
  if (loaded.kind === "problems") return exitCodes.badSettings;
  const admin = adminUrl(loaded.settings);
  if (admin === undefined) {
    edge.printError("AdminOff: healthcheck asks the admin listener, and SIDECAR_ADMIN_LISTEN is off\n");
    return exitCodes.badSettings;
  }
  try {
    const { statusCode, body } = await request(`${admin}/readyz`, {
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    const text = await body.text();
    if (statusCode === 200) return exitCodes.ok;
    edge.printError(`NotReady: ${text.trim()}\n`);
  } catch (error) {
    edge.printError(`NotReachable: ${admin} (${(error as NodeJS.ErrnoException).code ?? "failed"})\n`);
  }
  return exitCodes.failure;
}

/** The address of the admin listener as seen from inside the pod; undefined when it is off. */
export function adminUrl({ "admin-listen": listen }: Settings): string | undefined {
  const [first] = listen === "off" ? [] : listen;
  if (first === undefined) return undefined;
  const open: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  const address: ListenAddress = { host: open[first.host ?? "0.0.0.0"] ?? first.host, port: first.port };
  return `http://${formatAddress(address)}`;
}
