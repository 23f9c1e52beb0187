/** Prometheus metrics, conventional names and bounded labels. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { dropReasons, listenerNames } from "../drops.ts";
import { refusalReasons } from "../refusals.ts";
import { SECOND } from "../time.ts";
import { failureKinds } from "../upstream/failure.ts";
import type { Observer } from "./events.ts";
import { addGauges, type MetricSources, PREFIX } from "./gauges.ts";
import { ReadCounts } from "./read-counts.ts";

type Counted =
  | "onRead"
  | "onAttempt"
  | "onForced"
  | "onCoalesced"
  | "onRefused"
  | "onDropped"
  | "onState"
  | "onUnhandledRejection";

export interface Metrics extends Pick<Observer, Counted> {
  readonly contentType: string;
  render(): Promise<string>;
}

/** An STS call takes 20–200 ms; an agent on the node 1–100 ms; the rest is trouble. */
const UPSTREAM_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const forcedResults = ["accepted", "too-soon"] as const;

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: PREFIX + name, help, labelNames, registers });

  const reads = new ReadCounts();
  addReadCounters(registry, reads);
  const coalesced = counter("flights_coalesced_total", "Reads that waited for a refresh in flight.", ["identity"]);
  const refreshes = counter("refreshes_total", "Refreshes that ended, by result.", ["identity", "result"]);
  const forced = counter(
    "forced_refreshes_total",
    "New credentials that somebody asked for, by whether upstream was.",
    ["identity", "result"],
  );
  const failures = new Gauge({
    name: `${PREFIX}consecutive_refresh_failures`,
    help: "Refreshes that failed since the last that succeeded.",
    labelNames: ["identity"],
    registers,
  });
  const refused = counter("refused_requests_total", "Refused requests, by reason.", ["reason"]);
  const duration = new Histogram({
    name: `${PREFIX}upstream_duration_seconds`,
    help: "How long upstream took to answer.",
    labelNames: ["identity"],
    buckets: UPSTREAM_BUCKETS_S,
    registers,
  });
  for (const reason of refusalReasons) refused.inc({ reason }, 0);
  const dropped = counter(
    "connections_dropped_total",
    "Connections that the sidecar ended before their client did, by listener and reason.",
    ["listener", "reason"],
  );
  for (const listener of listenerNames) for (const reason of dropReasons) dropped.inc({ listener, reason }, 0);
  const rejections = counter(
    "unhandled_rejections_total",
    "Promises that were rejected and that nobody awaited: faults that the process survived.",
    [],
  );
  const stateWrites = counter(
    "state_writes_total",
    "Times that the state file was written or could not be, by result.",
    ["result"],
  );
  for (const result of ["written", "failed"]) stateWrites.inc({ result }, 0);
  for (const identity of sources.identities().keys()) {
    coalesced.inc({ identity }, 0);
    failures.set({ identity }, 0);
    for (const result of forcedResults) forced.inc({ identity, result }, 0);
    for (const result of ["refreshed", "unchanged", "shorter", ...failureKinds]) refreshes.inc({ identity, result }, 0);
  }
  addGauges(registry, sources);

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    onRead: (event) => reads.onRead(event),
    onAttempt({ identity, outcome, tookMs }) {
      const result = outcome.kind === "failed" ? outcome.failure.kind : outcome.kind;
      refreshes.inc({ identity, result });
      if (outcome.kind === "failed") failures.inc({ identity });
      else failures.set({ identity }, 0);
      duration.observe({ identity }, tookMs / SECOND);
    },
    onForced({ identity, retryAfterMs }) {
      forced.inc({ identity, result: retryAfterMs === undefined ? "accepted" : "too-soon" });
    },
    onCoalesced: (identity) => coalesced.inc({ identity }),
    onRefused: (reason) => refused.inc({ reason }),
    onDropped: (listener, reason) => dropped.inc({ listener, reason }),
    onState({ kind }) {
      if (kind === "written" || kind === "failed") stateWrites.inc({ result: kind });
    },
    onUnhandledRejection: () => rejections.inc(),
  };
}

function addReadCounters(registry: Registry, reads: ReadCounts): void {
  const registers = [registry];
  new Counter({
    name: `${PREFIX}reads_total`,
    help: "Reads of credentials, by client, protocol and result.",
    labelNames: ["client", "protocol", "result"],
    registers,
    collect() {
      this.reset();
      reads.reads((client, protocol, result, count) => this.inc({ client, protocol, result }, count));
    },
  });
  new Counter({
    name: `${PREFIX}reads_inside_window_total`,
    help: "Reads whose reported lifetime is inside the client's advisory window, so that it reads again at its next use.",
    labelNames: ["client"],
    registers,
    collect() {
      this.reset();
      reads.readsInsideWindow((client, count) => this.inc({ client }, count));
    },
  });
}
