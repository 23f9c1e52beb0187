/** The kinds of addresses that guards and settings distinguish. Pure. */
import { BlockList } from "node:net";
import type { ListenAddress } from "./values.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Includes the addresses that ECS, EKS and EC2 serve credentials on; a pod may add them to its own loopback. */
const linkLocal = new BlockList();
linkLocal.addSubnet("169.254.0.0", 16, "ipv4");
linkLocal.addSubnet("fe80::", 10, "ipv6");
linkLocal.addSubnet("fd00:ec2::", 32, "ipv6");

/** True for a loopback address, given as an IP literal; IPv4 mapped into IPv6 counts as IPv4. */
export function isLoopback(address: string): boolean {
  return inList(loopback, address);
}

export function isLinkLocal(address: string): boolean {
  return inList(linkLocal, address);
}

/** Of networks that the Internet does not reach: RFC 1918 and 6598, RFC 4193, and the two above. */
const privateOnly = new BlockList();
privateOnly.addSubnet("10.0.0.0", 8, "ipv4");
privateOnly.addSubnet("172.16.0.0", 12, "ipv4");
privateOnly.addSubnet("192.168.0.0", 16, "ipv4");
privateOnly.addSubnet("100.64.0.0", 10, "ipv4");
privateOnly.addSubnet("fc00::", 7, "ipv6");

/** True for an address that the Internet does not reach, given as an IP literal. */
export function isPrivate(address: string): boolean {
  return inList(privateOnly, address) || isLoopback(address) || isLinkLocal(address);
}

/** True when only the pod itself can reach a listener on this address. */
export function isLocalOnly({ host }: ListenAddress): boolean {
  return host !== undefined && (isLoopback(host) || isLinkLocal(host));
}

function inList(list: BlockList, address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return list.check(plain, plain.includes(":") ? "ipv6" : "ipv4");
}
