/** What the kubelet accounts to the sidecars: by this it evicts, and by this the manifests request. */
import { SIDECAR } from "../kubernetes/support/manifests.ts";
import type { AwsCluster } from "./aws-cluster.ts";

export interface Usage {
  readonly pod: string;
  /** In MiB. */
  readonly workingSet: number;
  readonly rss: number;
  /** Of a core, in thousandths. */
  readonly cpu: number;
}

interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly containers?: readonly {
      readonly name: string;
      readonly cpu?: { readonly usageNanoCores?: number };
      readonly memory?: { readonly workingSetBytes?: number; readonly rssBytes?: number };
    }[];
  }[];
}

const mib = (bytes = Number.NaN): number => Math.round(bytes / 104_857.6) / 10;

/** Of every sidecar of a namespace, as the summary API tells. */
export async function usageOf(cluster: AwsCluster, namespace: string): Promise<readonly Usage[]> {
  const { pods } = JSON.parse(
    await cluster.kubectl("get", "--raw", "/api/v1/nodes/node/proxy/stats/summary?only_cpu_and_memory=true"),
  ) as Summary;
  return pods
    .filter(({ podRef }) => podRef.namespace === namespace)
    .flatMap(({ podRef, containers = [] }) =>
      containers
        .filter(({ name }) => name === SIDECAR)
        .map(({ cpu, memory }) => ({
          pod: podRef.name,
          workingSet: mib(memory?.workingSetBytes),
          rss: mib(memory?.rssBytes),
          cpu: Math.round((cpu?.usageNanoCores ?? 0) / 100_000) / 10,
        })),
    );
}
