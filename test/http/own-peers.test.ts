import assert from "node:assert/strict";
import { test } from "node:test";
import { isOwnPeer } from "../../src/http/peers.ts";

const rows: readonly (readonly [what: string, local: string, remote: string, own: boolean])[] = [
  ["a process that connects from loopback", "169.254.170.2", "127.0.0.1", true],
  ["a process that connects from the address itself", "169.254.170.2", "169.254.170.2", true],
  ["the same in IPv6 form", "::ffff:169.254.170.2", "::ffff:169.254.170.2", true],
  ["the same, with the forms mixed", "::ffff:169.254.170.2", "169.254.170.2", true],
  ["a neighbour on the same link", "169.254.170.2", "169.254.170.3", false],
  ["a neighbour with a private address", "169.254.170.2", "10.0.0.7", false],
  ["a neighbour in IPv6 form", "::ffff:169.254.170.2", "::ffff:10.0.0.7", false],
  ["the address itself with a zone", "fe80::1%eth0", "fe80::1%eth0", true],
  ["the address itself with a zone at one end", "fe80::1%eth0", "fe80::1", true],
  ["IPv6's loopback", "fd00:ec2::23", "::1", true],
  ["an IPv6 neighbour", "fe80::1%eth0", "fe80::2%eth0", false],
  ["an IPv6 neighbour of the EKS address", "fd00:ec2::23", "fd00:ec2::24", false],
  ["a peer that has gone", "169.254.170.2", "", false],
  ["anybody on loopback, which the kernel keeps to itself", "127.0.0.1", "127.0.0.1", true],
  ["anybody on an address that asks for a token", "10.0.0.1", "10.0.0.7", true],
];

for (const [what, localAddress, remoteAddress, own] of rows) {
  test(`takes ${what} for ${own ? "one" : "none"} of its own`, () => {
    assert.equal(isOwnPeer({ localAddress, remoteAddress }), own);
  });
}
