/** What a scenario is, and what it may use. */
import type { Protocol } from "../../src/policy/clients.ts";
import type { Client } from "./clients.ts";
import type { Fixture } from "./fixture.ts";
import type { Row } from "./results.ts";
import type { Counts, Judged } from "./verdict.ts";

/** One run: a client, how it is pointed at its credentials, and which form of the scenario. */
export interface Spec {
  readonly client: Client;
  readonly protocol: Protocol;
  readonly variant: string;
}

export interface Context {
  /** The full set rather than the one that fits the gate. */
  readonly all: boolean;
  /** Whether the scenario was asked for by name. */
  readonly asked: boolean;
  /** The day of the run: `2026-01-01`. */
  readonly date: string;
  /** The reduced set of every client: what the gate runs. */
  readonly isWhole: boolean;
  /** The reduced set, and not a scenario that was asked for: its rows are the gate's. */
  readonly isGate: boolean;
  /** What was recorded before this run. */
  readonly recorded: readonly Row[];
  /** Temporary files go here. */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** A fixture in real time, and one whose clock runs faster; opened when first asked for. */
  readonly real: () => Promise<Fixture>;
  readonly simulated: () => Promise<Fixture>;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** What is expected, in a sentence for the table. */
  readonly promise: string;
  /** How many runs go on at once. One where latency is measured. */
  readonly together: number;
  readonly variants: (client: Client, protocol: Protocol, context: Context) => Promise<readonly string[]>;
  readonly measure: (context: Context, spec: Spec) => Promise<Counts>;
  readonly judge: (counts: Counts, spec: Spec) => Judged;
  /** Whether the gate runs it also for the clients of which it runs a few. */
  readonly basic?: boolean;
  /** Where `works` and `recovers` are a matter of chance, so that neither is worse than the other. */
  readonly eitherWay?: (run: Pick<Spec, "protocol">) => boolean;
}

const REPRESENTATIVES: readonly string[] = ["boto3", "js-v3"];

/** Whether this client is enough for the gate where what differs is upstream, and not how clients read. */
export function standsForAll({ name }: Client): boolean {
  return REPRESENTATIVES.includes(name);
}

/** The client program itself did not do what its contract says. */
export class BrokenClientError extends Error {
  override readonly name = "BrokenClientError";
}
