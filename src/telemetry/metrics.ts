/** Prometheus metrics, conventional names and bounded labels. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { CacheState } from "../cache/credential-cache.ts";
import { dropReasons, listenerNames } from "../drops.ts";
import { honestExpiration } from "../policy/reported-expiration.ts";
import { refusalReasons } from "../refusals.ts";
import { SECOND } from "../time.ts";
import { failureKinds } from "../upstream/failure.ts";
import { version } from "../version.ts";
import type { Observer } from "./events.ts";
import { ReadCounts } from "./read-counts.ts";

/** What the gauges are read from at each scrape. */
export interface MetricSources {
  readonly now: () => number;
  /** In ms. */
  readonly marginMs: number;
  readonly identities: () => ReadonlyMap<string, CacheState>;
  readonly storming: (now: number) => readonly string[];
  readonly nodeVersion: string;
  readonly residentMemory: () => number;
}

export interface Metrics extends Pick<Observer, "onRead" | "onAttempt" | "onCoalesced" | "onRefused" | "onDropped"> {
  readonly contentType: string;
  render(): Promise<string>;
}

const PREFIX = "credential_sidecar_";

/** An STS call takes 20–200 ms; an agent on the node 1–100 ms; the rest is trouble. */
const UPSTREAM_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: PREFIX + name, help, labelNames, registers });

  const reads = new ReadCounts();
  addReadCounters(registry, reads);
  const coalesced = counter("flights_coalesced_total", "Reads that waited for a flight in progress.", ["identity"]);
  const refreshes = counter("refreshes_total", "Attempts to renew, by result.", ["identity", "result"]);
  const failures = new Gauge({
    name: `${PREFIX}consecutive_refresh_failures`,
    help: "Attempts to renew that failed since the last that did not.",
    labelNames: ["identity"],
    registers,
  });
  const refused = counter("refused_requests_total", "Requests that were refused, by reason.", ["reason"]);
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
    "Connections that were ended before their client wanted it, by listener and reason.",
    ["listener", "reason"],
  );
  for (const listener of listenerNames) for (const reason of dropReasons) dropped.inc({ listener, reason }, 0);
  for (const identity of sources.identities().keys()) {
    coalesced.inc({ identity }, 0);
    failures.set({ identity }, 0);
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
    onCoalesced: (identity) => coalesced.inc({ identity }),
    onRefused: (reason) => refused.inc({ reason }),
    onDropped: (listener, reason) => dropped.inc({ listener, reason }),
  };
}

function addReadCounters(registry: Registry, reads: ReadCounts): void {
  const registers = [registry];
  new Counter({
    name: `${PREFIX}reads_total`,
    help: "Reads of credentials that were answered.",
    labelNames: ["client", "protocol", "result"],
    registers,
    collect() {
      this.reset();
      reads.reads((client, protocol, result, count) => this.inc({ client, protocol, result }, count));
    },
  });
  new Counter({
    name: `${PREFIX}reads_inside_window_total`,
    help: "Reads told less than what the client asks for.",
    labelNames: ["client"],
    registers,
    collect() {
      this.reset();
      reads.readsInsideWindow((client, count) => this.inc({ client }, count));
    },
  });
}

function addGauges(registry: Registry, sources: MetricSources): void {
  const { now, marginMs, identities, storming, nodeVersion, residentMemory } = sources;
  const registers = [registry];
  const gauge = (name: string, help: string, value: (state: CacheState) => number | undefined) =>
    new Gauge({
      name: PREFIX + name,
      help,
      labelNames: ["identity"],
      registers,
      collect() {
        for (const [identity, state] of identities()) {
          const ms = value(state);
          if (ms !== undefined) this.set({ identity }, ms / SECOND);
        }
      },
    });
  gauge("credentials_expiration_timestamp_seconds", "When the credentials really expire.", ({ cached }) =>
    cached?.credentials.lifetime.kind === "until" ? cached.credentials.lifetime.expiration : undefined,
  );
  gauge(
    "reported_expiration_timestamp_seconds",
    "The honest expiration that unnamed clients are told.",
    ({ cached }) => (cached === undefined ? undefined : honestExpiration(cached.credentials, now(), marginMs)),
  );
  gauge(
    "credentials_obtained_timestamp_seconds",
    "When the credentials were obtained.",
    ({ cached }) => cached?.obtainedAt,
  );
  gauge("next_refresh_timestamp_seconds", "When upstream is asked next.", ({ nextRefreshAt }) => nextRefreshAt);
  new Gauge({
    name: `${PREFIX}storming`,
    help: "1 for each client that reads again and again because its credentials are too short for it.",
    labelNames: ["client"],
    registers,
    collect() {
      this.reset();
      for (const client of storming(now())) this.set({ client }, 1);
    },
  });
  new Gauge({ name: `${PREFIX}build_info`, help: "Versions.", labelNames: ["version", "node_version"], registers }).set(
    { version, node_version: nodeVersion },
    1,
  );
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory, shared pages included.",
    registers,
    collect() {
      this.set(residentMemory());
    },
  });
}
