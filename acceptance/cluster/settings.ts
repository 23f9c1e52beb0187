/** The configuration files of one node's programs. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The node's address inside the cluster's own network namespace, and the pods' network. */
export const NODE_ADDRESS = "10.99.0.1";
/** Addresses of the node that pods know without being told. */
export const LINK_LOCAL = {
  /** The instance metadata service. */
  imds: "169.254.169.254",
  /** The agent of EKS Pod Identity. */
  agent: "169.254.170.23",
} as const;
/** Where the pods find AWS, and the tests what it has seen. */
export const AWS_PORT = 8080;
/** STS for web identities, over TLS. */
export const STS = { port: 8443, url: `https://${NODE_ADDRESS}:8443` } as const;
/** Where the keys are by which service account tokens are known to be the API server's, over TLS. */
export const ISSUER_PORT = 8444;
export const ISSUER = `https://${NODE_ADDRESS}:${ISSUER_PORT}`;

const POD_NETWORK = "10.88.0.0/16";
const SERVICE_NETWORK = "10.96.0.0/16";

/** What a pod's sandbox runs: an image made here, for no registry is reached. */
export const PAUSE_IMAGE = "localhost/pause:1";

/** This kernel lets nobody lower an OOM score, has no AppArmor for containers, and its cgroups are version 1. */
export async function writeContainerdConfig(folder: string): Promise<string> {
  const cni = join(folder, "cni");
  await mkdir(cni, { recursive: true });
  const plugins = [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipMasq: false,
      ipam: {
        type: "host-local",
        ranges: [[{ subnet: POD_NETWORK }]],
        routes: [{ dst: "0.0.0.0/0" }],
        dataDir: join(folder, "ipam"),
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ];
  await writeFile(join(cni, "10-bridge.conflist"), JSON.stringify({ cniVersion: "1.0.0", name: "pods", plugins }));
  const path = join(folder, "containerd.toml");
  await writeFile(
    path,
    `version = 3
root = "${folder}/containerd/root"
state = "${folder}/containerd/state"
[grpc]
  address = "${folder}/containerd.sock"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${PAUSE_IMAGE}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  disable_apparmor = true
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = false
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["/usr/lib/cni"]
  conf_dir = "${cni}"
`,
  );
  return path;
}

export async function writeKubeletConfig(folder: string): Promise<string> {
  const resolvConf = join(folder, "resolv.conf");
  await writeFile(resolvConf, `nameserver ${NODE_ADDRESS}\n`);
  const path = join(folder, "kubelet.json");
  await writeFile(
    path,
    JSON.stringify({
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      containerRuntimeEndpoint: `unix://${folder}/containerd.sock`,
      cgroupDriver: "cgroupfs",
      failCgroupV1: false,
      failSwapOn: false,
      // How soon it notices that a pod has filled its volumes.
      volumeStatsAggPeriod: "2s",
      enforceNodeAllocatable: [],
      evictionHard: { "memory.available": "1Mi" },
      imageGCHighThresholdPercent: 100,
      podLogsDir: join(folder, "pods"),
      resolvConf,
      authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
      authorization: { mode: "AlwaysAllow" },
      serverTLSBootstrap: false,
      syncFrequency: "10s",
    }),
  );
  return path;
}

/** The flags of kube-apiserver that make it the API server of a node, beside those of every cluster of the tests. */
export const nodeFlags: readonly string[] = [
  `--advertise-address=${NODE_ADDRESS}`,
  "--kubelet-preferred-address-types=InternalIP",
  `--service-cluster-ip-range=${SERVICE_NETWORK}`,
  "--allow-privileged=false",
];
