/**
 * Kubernetes on one node, as the real programs: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, containerd
 * and the kubelet. Folders, sockets and the network namespace are its own, and it ends what it started by process id.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Started } from "../../conformance/processes.ts";
import { eventually } from "../kubernetes/support/cluster.ts";
import { built } from "../kubernetes/support/kubectl.ts";
import { startControlPlane } from "./control-plane.ts";
import { pauseArchive } from "./images.ts";
import { removeCgroups, restoringKernelSettings } from "./kernel.ts";
import { type NetworkNamespace, openNetworkNamespace, runInside, type StartInside, startInside } from "./namespace.ts";
import { LINK_LOCAL, NODE_ADDRESS, writeContainerdConfig, writeKubeletConfig } from "./settings.ts";

const builtHere = (name: string): string => fileURLToPath(new URL(`build/${name}`, import.meta.url));

/** containerd finds its shim here. */
const nodeEnv = { PATH: `${fileURLToPath(new URL("build", import.meta.url))}:${process.env.PATH}` };

export class NodeCluster {
  readonly folder: string;
  readonly network: NetworkNamespace;
  readonly #programs: Started[] = [];
  #kubelet: Started | undefined;
  readonly #restoreKernel: () => Promise<void>;

  private constructor(folder: string, network: NetworkNamespace, restoreKernel: () => Promise<void>) {
    this.folder = folder;
    this.network = network;
    this.#restoreKernel = restoreKernel;
  }

  /** Resolves when the node is ready for pods. Leaves nothing behind when it fails. */
  static async start(): Promise<NodeCluster> {
    const folder = await mkdtemp(join(tmpdir(), "node-cluster-"));
    const network = await openNetworkNamespace();
    const cluster = new NodeCluster(folder, network, await restoringKernelSettings());
    try {
      await cluster.#begin();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get kubeconfig(): string {
    return join(this.folder, "kubeconfig");
  }

  /** As the cluster's administrator. Throws what `kubectl` complains of. */
  async kubectl(...args: readonly string[]): Promise<string> {
    return await runInside(this.network, built("kubectl"), `--kubeconfig=${this.kubeconfig}`, ...args);
  }

  /** Starts a `kubectl` that goes on, such as `port-forward`. */
  async startKubectl(args: readonly string[], ready: RegExp): Promise<Started> {
    return await this.startBeside({
      command: built("kubectl"),
      args: [`--kubeconfig=${this.kubeconfig}`, ...args],
      ready,
    });
  }

  /** Starts a program beside the cluster, which pods reach at {@link NODE_ADDRESS}. */
  async startBeside(options: StartInside): Promise<Started> {
    const started = await startInside(this.network, options);
    this.#programs.unshift(started);
    return started;
  }

  /** Imports an image from an archive in Docker's form, under the name that the archive gives it. */
  async importImage(archive: string): Promise<void> {
    const address = `--address=${join(this.folder, "containerd.sock")}`;
    await runInside(
      this.network,
      builtHere("ctr"),
      address,
      "--namespace=k8s.io",
      "images",
      "import",
      "--local",
      "--snapshotter=overlayfs",
      archive,
    );
  }

  async stop(): Promise<void> {
    // Containers outlive containerd: they end with their pods, while everything still runs.
    await this.kubectl("delete", "namespace", "--all", "--wait=false").catch(() => {});
    await this.#removePods().catch(() => {});
    await this.#kubelet?.stop();
    for (const program of this.#programs) await program.stop();
    await this.network.stop();
    await this.#restoreKernel();
    await removeCgroups();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #begin(): Promise<void> {
    const addresses = [`${NODE_ADDRESS}/24`, ...Object.values(LINK_LOCAL).map((address) => `${address}/32`)];
    const add = addresses.map((address) => `ip address add ${address} dev node`);
    const script = ["ip link add node type bridge", ...add, "ip link set node up"].join(" && ");
    await runInside(this.network, "sh", "-c", script);
    await startControlPlane(this);
    await this.#startNode();
    await eventually(
      async () =>
        (await this.kubectl(
          "get",
          "nodes",
          "--output=jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}",
        )) === "True",
    );
    await eventually(async () => (await this.kubectl("get", "serviceaccount", "default")) !== "");
  }

  async #startNode(): Promise<void> {
    const { folder } = this;
    const config = await writeContainerdConfig(folder);
    await this.startBeside({
      command: builtHere("containerd"),
      args: ["--config", config],
      env: nodeEnv,
      ready: /containerd successfully booted/,
    });
    await this.importImage(await pauseArchive());
    await mkdir(join(folder, "kubelet"));
    await writeKubeletConfig(folder);
    this.#kubelet = await this.#startKubelet();
  }

  /** Ends the kubelet and starts it again; pods run on. Projected tokens are asked for anew, for it knew them in memory only. */
  async restartKubelet(): Promise<void> {
    await this.#kubelet?.stop();
    this.#kubelet = await this.#startKubelet();
  }

  async #startKubelet(): Promise<Started> {
    const { folder } = this;
    return await startInside(this.network, {
      command: built("kubelet"),
      args: [
        `--config=${join(folder, "kubelet.json")}`,
        `--kubeconfig=${this.kubeconfig}`,
        `--root-dir=${join(folder, "kubelet")}`,
        `--cert-dir=${join(folder, "kubelet/pki")}`,
        "--hostname-override=node",
        `--node-ip=${NODE_ADDRESS}`,
      ],
      env: nodeEnv,
      ready: /Started kubelet|Starting to sync pod status/,
    });
  }

  async #removePods(): Promise<void> {
    await this.kubectl(
      "delete",
      "deployments,statefulsets,daemonsets,jobs,cronjobs,pods",
      "--all",
      "--all-namespaces",
      "--grace-period=1",
      "--timeout=60s",
    );
    await eventually(async () => (await this.kubectl("get", "pods", "--all-namespaces", "--output=name")) === "");
  }
}
