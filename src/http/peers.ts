/** The peers that a link-local address serves. Pure. */
import { isLinkLocal, isLoopback } from "../settings/addresses.ts";

/** The two ends of a connection, as Node's sockets give them. */
export interface Ends {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
}

/**
 * On a link-local address only this pod's own processes are served: they connect from loopback or from that address
 * itself. Otherwise a host on the same link could set a route to it. `SIDECAR_PEERS=node`, which demands a token, serves
 * those as well. Other addresses need no check here: the kernel
 * keeps other hosts away from loopback, and an address that can be reached from outside demands a token.
 */
export function isOwnPeer({ remoteAddress = "", localAddress = "" }: Ends): boolean {
  const local = plainAddress(localAddress);
  if (!isLinkLocal(local)) return true;
  const remote = plainAddress(remoteAddress);
  return remote === local || isLoopback(remote);
}

/** Without the zone of a link-local IPv6 address (`%eth0`), and IPv4 without its IPv6 form. */
function plainAddress(address: string): string {
  return address
    .replace(/%.*$/, "")
    .replace(/^::ffff:(?=\d+\.)/i, "")
    .toLowerCase();
}
