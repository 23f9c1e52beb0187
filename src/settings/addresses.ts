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

/** True when only the pod itself can reach a listener on this address. */
export function isLocalOnly({ host }: ListenAddress): boolean {
  return host !== undefined && (isLoopback(host) || isLinkLocal(host));
}

function inList(list: BlockList, address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return list.check(plain, plain.includes(":") ? "ipv6" : "ipv4");
}
