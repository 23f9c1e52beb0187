/** Looks names up, two at a time. */
import dns from "node:dns";
import type { LookupFunction } from "node:net";

/**
 * A look-up occupies a thread of libuv's pool, of which there are four, for as long as a dead name server is waited for;
 * the others read the files that identities come from.
 */
const MAX_AT_ONCE = 2;

let running = 0;
const waiting: (() => void)[] = [];

/** As `dns.lookup`, for sockets. One that waits for its turn is ended by the time-out of its connection. */
export const lookup: LookupFunction = (hostname, options, callback) => {
  const start = () => {
    running += 1;
    dns.lookup(hostname, options, (...answer) => {
      running -= 1;
      waiting.shift()?.();
      callback(...answer);
    });
  };
  if (running < MAX_AT_ONCE) start();
  else waiting.push(start);
};

/** The addresses of a host; none when its name is not known or nobody answers for it. */
export async function addressesOf(hostname: string): Promise<readonly string[]> {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  lookup(hostname, { all: true }, (error, found) => {
    const all = typeof found === "string" ? [] : found.map(({ address }) => address);
    resolve(error === null ? all : []);
  });
  return await promise;
}
