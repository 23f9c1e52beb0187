/** Why a sidecar does not start, for whoever started it. */
import type { Edge } from "../edge.ts";
import { ListenError } from "../http/server.ts";
import { TokenFileError } from "../http/token-files.ts";
import { printable } from "../printable.ts";
import { named } from "../settings/problems.ts";
import type { Settings } from "../settings/table.ts";
import { formatAddress } from "../settings/values.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

/** Prints it on standard error; throws what is no fault of the settings. */
export function reportStartError(
  error: unknown,
  settings: Settings,
  { printError }: Pick<Edge, "printError">,
): ExitCode {
  if (!(error instanceof ListenError || error instanceof TokenFileError)) throw error;
  const remedy = error instanceof ListenError && error.reason === "EADDRINUSE" ? portRemedy(error, settings) : "";
  printError(`${printable(`${error.code}: ${error.message}${remedy}`)}\n`);
  return exitCodes.badSettings;
}

/** The line that takes another port, for the listener that needs it. */
function portRemedy({ address }: ListenError, { listen, "admin-listen": admin }: Settings): string {
  const isHere = (own: Settings["listen"]) => own.some((one) => formatAddress(one) === formatAddress(address));
  const name = !isHere(listen) && admin !== "off" && isHere(admin) ? "admin-listen" : "listen";
  const other = formatAddress({ ...address, port: address.port < 65_000 ? address.port + 100 : address.port - 100 });
  const free = formatAddress({ ...address, port: 0 });
  return `; another sidecar may be running: stop it, or take another port with ${named(name)} ${other}, or any free one with ${free}`;
}
