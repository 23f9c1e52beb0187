import assert from "node:assert/strict";
import { test } from "node:test";
import { isLinkLocal, isLocalOnly, isLoopback } from "../../src/settings/addresses.ts";

type Kind = "loopback" | "link-local" | "open";

const addresses: readonly (readonly [address: string, kind: Kind])[] = [
  ["127.0.0.1", "loopback"],
  ["127.0.0.0", "loopback"],
  ["127.255.255.255", "loopback"],
  ["::1", "loopback"],
  ["0:0:0:0:0:0:0:1", "loopback"],
  ["::ffff:127.0.0.1", "loopback"],
  ["::FFFF:127.0.0.1", "loopback"],
  ["::ffff:7f00:1", "loopback"],
  ["169.254.0.0", "link-local"],
  ["169.254.169.254", "link-local"],
  ["169.254.170.2", "link-local"],
  ["169.254.255.255", "link-local"],
  ["::ffff:169.254.169.254", "link-local"],
  ["fe80::1", "link-local"],
  ["febf:ffff::1", "link-local"],
  ["fd00:ec2::254", "link-local"],
  ["FD00:EC2::23", "link-local"],
  ["0.0.0.0", "open"],
  ["126.255.255.255", "open"],
  ["128.0.0.1", "open"],
  ["10.0.0.1", "open"],
  ["169.253.255.255", "open"],
  ["169.255.0.0", "open"],
  ["::", "open"],
  ["::2", "open"],
  ["::ffff:10.0.0.1", "open"],
  ["fec0::1", "open"],
  ["fd00:ec3::1", "open"],
  ["fd00::1", "open"],
  ["2001:db8::1", "open"],
];

for (const [address, kind] of addresses) {
  test(`takes ${address} for ${kind}`, () => {
    const found = { loopback: isLoopback(address), linkLocal: isLinkLocal(address) };
    assert.deepEqual(found, { loopback: kind === "loopback", linkLocal: kind === "link-local" });
    assert.equal(isLocalOnly({ host: address, port: 80 }), kind !== "open");
  });
}

for (const text of ["", "localhost", "127.0.0.1.example.com", "127.1", "127.0.0.1 ", "1.2.3", "[::1]"]) {
  test(`takes ${JSON.stringify(text)}, which is no address, for none`, () => {
    assert.deepEqual([isLoopback(text), isLinkLocal(text)], [false, false]);
  });
}

test("takes every interface for open", () => {
  assert.equal(isLocalOnly({ host: undefined, port: 80 }), false);
});
