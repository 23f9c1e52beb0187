/** The metrics that are read from the state of the program at each scrape. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { CacheState } from "../cache/options.ts";
import { honestExpiration } from "../policy/reported-expiration.ts";
import { SECOND } from "../time.ts";
import { version } from "../version.ts";

/** Every metric of the program's own begins with this. */
export const PREFIX = "credential_sidecar_";

/** What the gauges are read from at each scrape. */
export interface MetricSources {
  readonly now: () => number;
  /** In ms. */
  readonly marginMs: number;
  readonly identities: () => ReadonlyMap<string, CacheState>;
  readonly storming: (now: number) => readonly string[];
  readonly nodeVersion: string;
  readonly residentMemory: () => number;
  readonly lostLines: () => number;
}

export function addGauges(registry: Registry, sources: MetricSources): void {
  addIdentityGauges(registry, sources);
  addRegionGauge(registry, sources);
  addProcessMetrics(registry, sources);
}

function addIdentityGauges(registry: Registry, { now, marginMs, identities }: MetricSources): void {
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
          if (ms === undefined) this.remove({ identity });
          else this.set({ identity }, ms / SECOND);
        }
      },
    });
  gauge("credentials_expiration_timestamp_seconds", "When the credentials really expire.", ({ cached }) =>
    cached?.credentials.lifetime.kind === "until" ? cached.credentials.lifetime.expiration : undefined,
  );
  gauge(
    "reported_expiration_timestamp_seconds",
    "The expiration that unrecognised clients get: the real one less the margin.",
    ({ cached }) => (cached === undefined ? undefined : honestExpiration(cached.credentials, now(), marginMs)),
  );
  gauge(
    "credentials_obtained_timestamp_seconds",
    "When the credentials were obtained.",
    ({ cached }) => cached?.obtainedAt,
  );
  new Gauge({
    name: `${PREFIX}credentials_from_state`,
    help: "1 while the cached credentials are those that the state file held at the start.",
    labelNames: ["identity"],
    registers,
    collect() {
      for (const [identity, { cached }] of identities()) this.set({ identity }, cached?.fromState ? 1 : 0);
    },
  });
  gauge("next_refresh_timestamp_seconds", "When the next refresh is due.", ({ nextRefreshAt }) => nextRefreshAt);
}

/** Of each identity whose credentials STS gave; the label `fallback` is for alerts that need not know the regions. */
function addRegionGauge(registry: Registry, { identities }: MetricSources): void {
  new Gauge({
    name: `${PREFIX}sts_region_info`,
    help: "The region of STS that gave the cached credentials, and whether it is a fallback.",
    labelNames: ["identity", "region", "fallback"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [identity, { cached }] of identities()) {
        const sts = cached?.credentials.sts;
        if (sts !== undefined) this.set({ identity, region: sts.region, fallback: String(sts.region !== sts.home) }, 1);
      }
    },
  });
}

function addProcessMetrics(registry: Registry, sources: MetricSources): void {
  const { now, storming, nodeVersion, residentMemory, lostLines } = sources;
  const registers = [registry];
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
  new Counter({
    name: `${PREFIX}log_lines_lost_total`,
    help: "Log lines that were lost because nobody read them in time or the disk was full.",
    registers,
    collect() {
      this.reset();
      this.inc(lostLines());
    },
  });
  new Gauge({
    name: `${PREFIX}build_info`,
    help: "Always 1, with the versions as labels.",
    labelNames: ["version", "node_version"],
    registers,
  }).set({ version, node_version: nodeVersion }, 1);
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory, shared pages included.",
    registers,
    collect() {
      this.set(residentMemory());
    },
  });
}
