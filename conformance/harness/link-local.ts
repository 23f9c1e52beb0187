/** Clients that know one address and no other: what they read must be served there. */

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { type ClientSetup, clientSetup, FIXED_ADDRESS } from "../../src/policy/client-setup.ts";
import { findClient } from "../../src/policy/clients.ts";
import type { Client } from "./clients.ts";

type Fixed = Extract<ClientSetup["kind"], keyof typeof FIXED_ADDRESS>;

/** The kind of the one address that it knows, as `env` says; undefined when it takes any. Pure. */
export function fixedKindOf(setup: string | undefined): Fixed | undefined {
  const client = setup === undefined ? undefined : findClient(setup);
  if (setup === undefined || client === undefined) return undefined;
  const { kind } = clientSetup(setup, client);
  return kind === "full-uri" ? undefined : kind;
}

/** As `HOST:PORT`; undefined when it takes any address. Pure. */
export function fixedAddressOf({ setup }: Pick<Client, "setup">): string | undefined {
  const kind = fixedKindOf(setup);
  return kind === undefined ? undefined : FIXED_ADDRESS[kind];
}

/** Lets an upstream be read at a fixed address, byte by byte. */
export async function forward(address: string, to: string): Promise<{ readonly close: () => Promise<void> }> {
  const [host = "", port = ""] = address.split(":");
  const { hostname, port: toPort } = new URL(to);
  const server = createServer((socket) => {
    const upstream = connect(Number(toPort), hostname);
    socket.pipe(upstream).pipe(socket);
    socket.on("error", () => upstream.destroy());
    upstream.on("error", () => socket.destroy());
  });
  server.listen(Number(port), host);
  await once(server, "listening");
  return {
    async close() {
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
