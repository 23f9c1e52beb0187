/** What a hostile or clumsy neighbour does. Data: `flood.ts` does it. */
import type { addresses } from "./addresses.ts";

/** Connections of one kind. One that ends is opened again. */
export interface Attack {
  readonly to: Extract<keyof typeof addresses, "credentials" | "pod" | "loopback">;
  /** At once. */
  readonly connections: number;
  /** In all; bounds the run on a fast machine. */
  readonly atMost: number;
  /** Until one that was ended is opened again. */
  readonly reopenMs: number;
  /** Sent on each connection at once. */
  readonly sends: Buffer;
  readonly behaves: "never-reads" | "waits" | "asks-again" | "goes-away" | "trickles";
}

const request = (path: string, more = "", method = "GET", host = "127.0.0.1") =>
  `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;

const READ = request("/v1/credentials");
const METRICS = request("/metrics");

/** Headers as many and as small as they can be. */
const tinyHeaders = (count: number) =>
  Array.from({ length: count }, (_, index) => `${index.toString(36).padStart(3, "x")}:\r\n`).join("");

function attack(given: Pick<Attack, "to" | "connections" | "behaves"> & Partial<Attack>, sends: string): Attack {
  return { atMost: 20_000, reopenMs: 2_000, ...given, sends: Buffer.from(sends) };
}

const AS_MANY_AS_A_HOST_HAS = 2_100;

export const attacks: Readonly<Record<string, readonly Attack[]>> = {
  nothing: [],
  "1,300 pipelined scrapes on each of 64 connections, unread": [
    attack({ to: "pod", connections: 64, behaves: "never-reads" }, METRICS.repeat(1_300)),
  ],
  "1,300 pipelined pages on each of 64 connections, unread": [
    attack({ to: "loopback", connections: 64, behaves: "never-reads" }, request("/").repeat(1_300)),
  ],
  "300 pipelined reads on each of 2,000 connections, unread": [
    attack({ to: "credentials", connections: 2_000, behaves: "never-reads" }, READ.repeat(300)),
  ],
  "300 pipelined refused requests on each of 2,000 connections, unread": [
    attack(
      { to: "credentials", connections: 2_000, behaves: "never-reads" },
      request("/v1/credentials", "", "GET", "evil.example").repeat(300),
    ),
  ],
  "cold: 1,300 pipelined reads on each of 2,000 connections": [
    attack({ to: "credentials", connections: 2_000, behaves: "never-reads" }, READ.repeat(1_300)),
  ],
  "2,030 idle connections to the credential port, and as many unread scrapes": [
    attack({ to: "credentials", connections: 2_030, behaves: "waits" }, READ),
    attack({ to: "pod", connections: 2_030, behaves: "never-reads" }, METRICS),
  ],
  "2,100 idle connections to each port": [
    attack({ to: "pod", connections: AS_MANY_AS_A_HOST_HAS, behaves: "waits" }, ""),
    attack({ to: "credentials", connections: AS_MANY_AS_A_HOST_HAS, behaves: "waits" }, ""),
  ],
  "2,100 half requests to each port, a header each 0.4 s": [
    attack({ to: "pod", connections: AS_MANY_AS_A_HOST_HAS, behaves: "trickles" }, "GET /metrics HTTP/1.1\r\n"),
    attack({ to: "credentials", connections: AS_MANY_AS_A_HOST_HAS, behaves: "trickles" }, "GET / HTTP/1.1\r\n"),
  ],
  "half requests of 8 KiB in the smallest headers, on 1,000 connections to each port": [
    attack({ to: "pod", connections: 1_000, behaves: "waits" }, `GET / HTTP/1.1\r\n${tinyHeaders(1_300)}`),
    attack({ to: "credentials", connections: 1_000, behaves: "waits" }, `GET / HTTP/1.1\r\n${tinyHeaders(98)}`),
  ],
  "requests of 8 KiB in the smallest headers": [
    attack(
      { to: "credentials", connections: 32, behaves: "asks-again", reopenMs: 0 },
      request("/v1/credentials", tinyHeaders(1_300)),
    ),
    attack({ to: "pod", connections: 32, behaves: "asks-again", reopenMs: 0 }, request("/metrics", tinyHeaders(1_300))),
  ],
  "connections that close at once": [
    attack({ to: "pod", connections: 32, behaves: "goes-away", reopenMs: 0 }, ""),
    attack({ to: "credentials", connections: 32, behaves: "goes-away", reopenMs: 0 }, ""),
  ],
  "HEAD, OPTIONS, CONNECT and upgrades": [
    attack({ to: "pod", connections: 16, behaves: "asks-again", reopenMs: 0 }, request("/metrics", "", "HEAD")),
    attack(
      { to: "credentials", connections: 16, behaves: "asks-again", reopenMs: 0 },
      request("/v1/credentials", "", "OPTIONS"),
    ),
    attack(
      { to: "credentials", connections: 16, behaves: "asks-again", reopenMs: 0 },
      request("127.0.0.1:9911", "", "CONNECT"),
    ),
    attack(
      { to: "credentials", connections: 16, behaves: "asks-again", reopenMs: 0 },
      request("/v1/credentials", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
    ),
  ],
  "bodies of 4 MiB": [
    attack(
      { to: "credentials", connections: 32, behaves: "waits" },
      request("/v1/credentials", "Content-Length: 4194304\r\n", "POST") + "x".repeat(4_194_304),
    ),
    attack(
      { to: "pod", connections: 32, behaves: "waits" },
      request("/metrics", "Content-Length: 4194304\r\n", "POST") + "x".repeat(4_194_304),
    ),
  ],
  "scrapes without end, on 64 connections": [
    attack({ to: "pod", connections: 64, behaves: "asks-again", reopenMs: 0 }, METRICS),
  ],
  "reads without end, on 64 connections": [
    attack({ to: "credentials", connections: 64, behaves: "asks-again", reopenMs: 0 }, READ),
  ],
};
