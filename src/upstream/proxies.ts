/** Finds the proxy for a URL, from the variables that curl, Go and botocore read. Pure. */

import { BlockList, isIP } from "node:net";
import type { Env } from "../edge.ts";

/** The proxy for `url`, or undefined for none. `HTTP_PROXY` is not for https; `ALL_PROXY` (curl's) is for both. */
export function proxyFor(url: URL, env: Env): string | undefined {
  const scheme = url.protocol.replace(/:$/, "");
  const proxy = variable(env, `${scheme}_proxy`) ?? variable(env, "all_proxy");
  return proxy && !isExcluded(url, variable(env, "no_proxy") ?? "") ? proxy : undefined;
}

/** The lower-case name wins, even when it is empty (curl and Python). */
function variable(env: Env, name: string): string | undefined {
  return env[name] ?? env[name.toUpperCase()];
}

/** Entries are `*`, hosts and the domains below them, addresses, and blocks of addresses, all but `*` and blocks with or without a port. */
function isExcluded(url: URL, noProxy: string): boolean {
  const host = bare(url.hostname);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== "" && matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return isInBlock(host, entry);
  const [, bracketed, named, onlyPort] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  // An IPv6 address without brackets has no port.
  const name = bracketed ?? named ?? entry;
  if (onlyPort !== undefined && onlyPort !== port) return false;
  if (isIP(name) !== 0) return isSameAddress(host, name);
  const domain = name.replace(/^\*?\./, "").replace(/\.$/, "");
  return host === domain || host.endsWith(`.${domain}`);
}

function isSameAddress(host: string, address: string): boolean {
  return isInBlock(host, `${address}/${isIP(address) === 6 ? 128 : 32}`);
}

function isInBlock(host: string, block: string): boolean {
  const [network = "", prefix] = block.split("/");
  const [family, bits] = [isIP(network), Number(prefix)];
  if (
    family === 0 ||
    isIP(host) !== family ||
    !Number.isInteger(bits) ||
    bits < 0 ||
    bits > (family === 6 ? 128 : 32)
  ) {
    return false;
  }
  const kind = family === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(network, bits, kind);
  return list.check(host, kind);
}

function bare(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
}
