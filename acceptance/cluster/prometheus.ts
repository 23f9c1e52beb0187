/**
 * Debian's Prometheus beside the cluster, as the Prometheus Operator would set it up for the shipped PodMonitor. Debian builds it
 * without Kubernetes' discovery: what that would find of each pod is written to a file here.
 */
import { readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Alert } from "../../test/support/monitoring.ts";
import { type PodSpec, root } from "../kubernetes/support/manifests.ts";
import type { NodeCluster } from "./cluster.ts";
import { runInside } from "./namespace.ts";

const load = (name: string) => parse(readFileSync(`${root}/deploy/monitoring/${name}`, "utf8"));
const ADDRESS = "127.0.0.1:9090";

const label = (name: string) => `__meta_kubernetes_${name}`;

interface DiscoveredPod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: PodSpec;
  readonly status: { readonly phase: string; readonly podIP?: string };
}

/** One for each port of a container, init containers included. */
function targetsOf({ metadata, spec, status }: DiscoveredPod): readonly object[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return containers.flatMap(({ name, ports = [] }) =>
    (ports as readonly { readonly name: string; readonly containerPort: number }[]).map((port) => ({
      targets: [`${status.podIP}:${port.containerPort}`],
      labels: {
        [label("namespace")]: metadata.namespace,
        [label("pod_name")]: metadata.name,
        [label("pod_phase")]: status.phase,
        [label("pod_container_name")]: name,
        [label("pod_container_port_name")]: port.name,
      },
    })),
  );
}

interface Endpoint {
  readonly port: string;
  readonly path: string;
}

/** What the operator makes of an endpoint of a PodMonitor for any namespace (pkg/prometheus/promcfg.go), each second. */
function scrapeConfig({ port, path }: Endpoint, targets: string): object {
  return {
    job_name: "podMonitor",
    scrape_interval: "1s",
    metrics_path: path,
    file_sd_configs: [{ files: [targets] }],
    relabel_configs: [
      { source_labels: [label("pod_phase")], regex: "(Failed|Succeeded)", action: "drop" },
      { source_labels: [label("pod_container_port_name")], regex: port, action: "keep" },
      { source_labels: [label("namespace")], target_label: "namespace" },
      { source_labels: [label("pod_container_name")], target_label: "container" },
      { source_labels: [label("pod_name")], target_label: "pod" },
    ],
  };
}

/** The rules as they are but for their patience, which `promtool test rules` proves. */
const hasty = () => ({
  groups: load("alerts.yaml").groups.map(({ rules, ...group }: { readonly rules: readonly Alert[] }) => ({
    ...group,
    rules: rules.map(({ for: _, ...rule }) => rule),
  })),
});

export class ClusterPrometheus {
  readonly #node: NodeCluster;
  readonly #targets: string;

  private constructor(node: NodeCluster, targets: string) {
    this.#node = node;
    this.#targets = targets;
  }

  static async start(node: NodeCluster): Promise<ClusterPrometheus> {
    const folder = join(node.folder, "prometheus");
    await mkdir(folder);
    const [rules, config, targets] = [`${folder}/alerts.yaml`, `${folder}/prometheus.yaml`, `${folder}/targets.json`];
    await writeFile(targets, "[]");
    await writeFile(rules, stringify(hasty()));
    const endpoints: readonly Endpoint[] = load("podmonitor.yaml").spec.podMetricsEndpoints;
    const scrape_configs = endpoints.map((endpoint) => scrapeConfig(endpoint, targets));
    const contents = { global: { evaluation_interval: "1s" }, rule_files: [rules], scrape_configs };
    await writeFile(config, stringify(contents));
    const args = [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${ADDRESS}`];
    await node.startBeside({ command: "prometheus", args, ready: /Server is ready to receive web requests/ });
    return new ClusterPrometheus(node, targets);
  }

  /** Tells it of every pod that has an address, as Kubernetes' discovery does (role `pod`). */
  async discover(): Promise<void> {
    const list = JSON.parse(await this.#node.kubectl("get", "pods", "--all-namespaces", "--output=json"));
    const found = (list.items as readonly DiscoveredPod[]).filter(({ status }) => status.podIP).flatMap(targetsOf);
    const written = `${this.#targets}.new`;
    await writeFile(written, JSON.stringify(found));
    await rename(written, this.#targets);
  }

  /** The labels of each series that the expression finds at this moment. */
  async query(expr: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const url = `http://${ADDRESS}/api/v1/query?${new URLSearchParams({ query: expr })}`;
    const { data } = JSON.parse(await runInside(this.#node.network, "curl", "--silent", "--fail", url));
    return data.result.map(({ metric }: { readonly metric: Readonly<Record<string, string>> }) => metric);
  }
}
