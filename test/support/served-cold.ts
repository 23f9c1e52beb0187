import type { TestContext } from "node:test";
import type { FakeClock } from "./fake-clock.ts";
import { fakeEdge } from "./fake-edge.ts";
import { type Served, type ServeOptions, serveForTest } from "./served.ts";
import { GatedUpstream } from "./upstreams.ts";

export interface ColdSidecar {
  readonly served: Served;
  readonly upstream: GatedUpstream;
  readonly clock: FakeClock;
  /** Resolves when a reader waits for a flight. */
  readonly waiting: Promise<unknown>;
}

/** A sidecar that holds nothing until the test answers for upstream; closed when the test ends. */
export async function serveCold(
  t: TestContext,
  flags: readonly string[] = [],
  observers: ServeOptions["observers"] = [],
): Promise<ColdSidecar> {
  const edge = fakeEdge();
  const upstream = new GatedUpstream();
  const { promise: waiting, resolve: onCoalesced } = Promise.withResolvers<unknown>();
  const served = await serveForTest({
    edge,
    upstreams: { default: upstream },
    flags,
    observers: [{ onCoalesced }, ...observers],
  });
  t.after(() => served.close());
  return { served, upstream, clock: edge.clock, waiting };
}
