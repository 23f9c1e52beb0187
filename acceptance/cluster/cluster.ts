/**
 * Kubernetes on one node, as the real programs: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, containerd
 * and the kubelet. Folders, sockets and the network namespace are its own, and it ends what it started by process id.
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Started } from "../../conformance/processes.ts";
import { eventually } from "../kubernetes/support/cluster.ts";
import { built } from "../kubernetes/support/kubectl.ts";
import { pauseArchive } from "./images.ts";
import { removeCgroups, restoringKernelSettings } from "./kernel.ts";
import { type NetworkNamespace, openNetworkNamespace, runInside, type StartInside, startInside } from "./namespace.ts";
import { NODE_ADDRESS, nodeFlags, writeContainerdConfig, writeKubeletConfig } from "./settings.ts";

const builtHere = (name: string): string => fileURLToPath(new URL(`build/${name}`, import.meta.url));

/** In its own network namespace no other program has a port. */
const API_SERVER_PORT = 6443;
const ETCD_PORT = 2379;

export class NodeCluster {
  readonly folder: string;
  readonly network: NetworkNamespace;
  readonly #programs: Started[] = [];
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
    for (const program of this.#programs) await program.stop();
    await this.network.stop();
    await this.#restoreKernel();
    await removeCgroups();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #begin(): Promise<void> {
    await runInside(
      this.network,
      "sh",
      "-c",
      `ip link add node type bridge && ip address add ${NODE_ADDRESS}/24 dev node && ip address add 169.254.169.254/32 dev node && ip link set node up`,
    );
    await this.#startControlPlane();
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

  async #startControlPlane(): Promise<void> {
    const { folder } = this;
    const key = join(folder, "service-accounts.pem");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    await writeFile(key, privateKey.export({ type: "pkcs8", format: "pem" }));
    await writeFile(join(folder, "tokens.csv"), "fake-admin-token,admin,admin,system:masters\n");
    await writeFile(this.kubeconfig, JSON.stringify(this.#kubeconfigContents()));
    const client = `http://127.0.0.1:${ETCD_PORT}`;
    await this.startBeside({
      command: built("etcd"),
      args: [
        `--data-dir=${join(folder, "etcd")}`,
        "--unsafe-no-fsync",
        `--listen-client-urls=${client}`,
        `--advertise-client-urls=${client}`,
        "--listen-peer-urls=http://127.0.0.1:0",
      ],
      ready: /serving client traffic insecurely/,
    });
    await this.startBeside({
      command: built("kube-apiserver"),
      args: [
        `--etcd-servers=${client}`,
        "--bind-address=127.0.0.1",
        `--secure-port=${API_SERVER_PORT}`,
        `--cert-dir=${folder}`,
        `--token-auth-file=${join(folder, "tokens.csv")}`,
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://issuer.example",
        `--service-account-key-file=${key}`,
        `--service-account-signing-key-file=${key}`,
        ...nodeFlags,
      ],
      ready: /Serving securely on/,
    });
    await eventually(async () => (await this.kubectl("get", "--raw", "/readyz")) === "ok");
    const common = [`--kubeconfig=${this.kubeconfig}`, "--leader-elect=false", "--bind-address=127.0.0.1"];
    await this.startBeside({
      command: built("kube-controller-manager"),
      args: [
        ...common,
        `--service-account-private-key-file=${key}`,
        `--root-ca-file=${join(folder, "apiserver.crt")}`,
        "--use-service-account-credentials=false",
        `--cert-dir=${folder}/controllers`,
      ],
      ready: /Serving securely on/,
    });
    await this.startBeside({
      command: built("kube-scheduler"),
      args: [...common, `--cert-dir=${folder}/scheduler`],
      ready: /Serving securely on/,
    });
  }

  async #startNode(): Promise<void> {
    const { folder } = this;
    const env = { PATH: `${fileURLToPath(new URL("build", import.meta.url))}:${process.env.PATH}` };
    const config = await writeContainerdConfig(folder);
    await this.startBeside({
      command: builtHere("containerd"),
      args: ["--config", config],
      env,
      ready: /containerd successfully booted/,
    });
    await this.importImage(await pauseArchive(folder));
    await mkdir(join(folder, "kubelet"));
    const kubelet = await writeKubeletConfig(folder);
    await this.startBeside({
      command: built("kubelet"),
      args: [
        `--config=${kubelet}`,
        `--kubeconfig=${this.kubeconfig}`,
        `--root-dir=${join(folder, "kubelet")}`,
        `--cert-dir=${join(folder, "kubelet/pki")}`,
        "--hostname-override=node",
        `--node-ip=${NODE_ADDRESS}`,
      ],
      env,
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

  #kubeconfigContents(): object {
    const cluster = {
      server: `https://127.0.0.1:${API_SERVER_PORT}`,
      "certificate-authority": join(this.folder, "apiserver.crt"),
    };
    return {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "node", cluster }],
      users: [{ name: "admin", user: { token: "fake-admin-token" } }],
      contexts: [{ name: "node", context: { cluster: "node", user: "admin" } }],
      "current-context": "node",
    };
  }
}
