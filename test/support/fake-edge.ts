import { createHash } from "node:crypto";
import type { Edge, Style } from "../../src/edge.ts";
import type { Fault } from "../../src/process/faults.ts";
import { FakeClock } from "./fake-clock.ts";

export interface FakeEdge extends Edge {
  readonly clock: FakeClock;
  /** What was printed so far. */
  readonly out: string[];
  readonly err: string[];
  /** A rejection that nobody awaits. */
  readonly reject: (fault: Fault) => void;
  /** Delivers a signal to the program under test. */
  readonly signal: (name: string) => void;
}

const plain: Style = { isTerminal: false, paint: (_, text) => text };

/** An Edge without a world: its own clock, the middle of every random range, repeatable random bytes. */
export function fakeEdge(given: Partial<Edge> & { readonly clock?: FakeClock } = {}): FakeEdge {
  const out: string[] = [];
  const err: string[] = [];
  const handlers = new Set<(signal: string) => void>();
  const rejectionHandlers = new Set<(fault: Fault) => void>();
  let drawn = 0;
  return {
    random: () => 0.5,
    randomBytes: (size) => {
      drawn += 1;
      return createHash("shake256", { outputLength: size }).update(String(drawn)).digest();
    },
    env: {},
    hostname: "pod-1",
    nodeVersion: "v0.0.0",
    userId: process.geteuid?.(),
    monotonicOriginMs: 0,
    residentMemory: () => 0,
    print: (text) => void out.push(text),
    printError: (text) => void err.push(text),
    outStyle: plain,
    errorStyle: plain,
    lostLines: () => 0,
    onOutputResumed: () => () => {},
    flush: async () => {},
    onUnhandledRejection(handle) {
      rejectionHandlers.add(handle);
      return () => void rejectionHandlers.delete(handle);
    },
    onSignal(handle) {
      handlers.add(handle);
      return () => void handlers.delete(handle);
    },
    ...given,
    clock: given.clock ?? new FakeClock(),
    out,
    err,
    reject: (fault) => {
      for (const handle of rejectionHandlers) handle(fault);
    },
    signal: (name) => {
      for (const handle of handlers) handle(name);
    },
  };
}
