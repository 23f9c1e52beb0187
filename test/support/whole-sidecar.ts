/** A whole sidecar on an upstream and a clock that the test controls. */
import type { Credentials } from "../../src/credentials.ts";
import { HOUR } from "../../src/time.ts";
import { EPOCH, type FakeClock } from "./fake-clock.ts";
import { fakeEdge } from "./fake-edge.ts";
import { type Got, get, type Served, serveForTest } from "./served.ts";
import { fakeCredentials, GatedUpstream } from "./upstreams.ts";

export interface WholeSidecar {
  readonly served: Served;
  readonly upstream: GatedUpstream;
  readonly clock: FakeClock;
  /** Resolves when at least this many reads wait for a refresh in flight. */
  readonly waitingReads: (count: number) => Promise<void>;
}

/** Starts a sidecar with these flags, runs the test with it, and closes it. */
export async function withWholeSidecar(
  flags: readonly string[],
  run: (sidecar: WholeSidecar) => Promise<void>,
): Promise<void> {
  const edge = fakeEdge();
  const upstream = new GatedUpstream();
  let count = 0;
  let check = () => {};
  const onCoalesced = () => {
    count += 1;
    check();
  };
  const waitingReads = async (wanted: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    check = () => (count >= wanted ? resolve() : undefined);
    check();
    await promise;
  };
  const served = await serveForTest({ edge, upstreams: { default: upstream }, flags, observers: [{ onCoalesced }] });
  try {
    await run({ served, upstream, clock: edge.clock, waitingReads });
  } finally {
    await served.close();
  }
}

/** One read over the container protocol, on a connection of its own. */
export const readOnce = ({ url }: Served, headers: Record<string, string> = {}): Promise<Got> =>
  get(`${url}/v1/credentials`, { headers, agent: false });

/** The access key ID of an answer. */
export const accessKeyIdIn = ({ text }: Got): unknown => JSON.parse(text).AccessKeyId;

/** Answers the first upstream call with one-hour credentials. */
export async function loadHour({ upstream, clock }: WholeSidecar): Promise<Credentials> {
  const credentials = fakeCredentials(EPOCH + HOUR);
  upstream.answer(credentials);
  await clock.advance(0);
  return credentials;
}
