/** A cluster with AWS around it and the images that the shipped manifests name, as every test of this folder wants it. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { selfSigned } from "../certificate.ts";
import { eventually } from "../kubernetes/support/cluster.ts";
import { type KubernetesObject, parse, SIDECAR } from "../kubernetes/support/manifests.ts";
import { NodeCluster } from "./cluster.ts";
import { GIVEN_LABEL, type Given, policies } from "./given.ts";
import { importImages } from "./images.ts";
import { runInside } from "./namespace.ts";
import type { Around, Report } from "./report.ts";
import { AWS_PORT, NODE_ADDRESS } from "./settings.ts";

const AWS = `http://${NODE_ADDRESS}:${AWS_PORT}`;
const surroundings = new URL("surroundings.ts", import.meta.url).pathname;

export class AwsCluster {
  readonly node: NodeCluster;
  readonly #certificates: string;

  private constructor(node: NodeCluster) {
    this.node = node;
    this.#certificates = join(node.folder, "around");
  }

  /** Resolves when pods can be applied. Leaves nothing behind when it fails. */
  static async start(): Promise<AwsCluster> {
    const cluster = new AwsCluster(await NodeCluster.start());
    try {
      await cluster.#surround();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.node.stop();
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    return await this.node.kubectl(...args);
  }

  /** A namespace of its own for a test, whose pods get what EKS's webhook would give them. */
  async namespace(name: string, given: Given = "nothing"): Promise<Namespace> {
    await this.kubectl("create", "namespace", name);
    await this.kubectl("label", "namespace", name, `${GIVEN_LABEL}=${given}`);
    const certificate = join(this.#certificates, "certificate.pem");
    await this.kubectl("create", "configmap", "sts", `--from-file=${certificate}`, `--namespace=${name}`);
    await eventually(
      async () => (await this.kubectl("get", "serviceaccount", "default", `--namespace=${name}`)) !== "",
    );
    if (given !== "nothing") await this.#untilGiven(name);
    return new Namespace(name, this);
  }

  /** The API server takes a moment to follow a new policy; a pod from before that would have nothing of it for ever. */
  async #untilGiven(namespace: string): Promise<void> {
    const path = join(this.node.folder, `${namespace}-probe.json`);
    const containers = [{ name: SIDECAR, image: "example.com/probe" }];
    await writeFile(
      path,
      JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "probe" }, spec: { containers } }),
    );
    const dryRun = ["create", "--filename", path, "--dry-run=server", "--output=json", `--namespace=${namespace}`];
    await eventually(async () => (await this.kubectl(...dryRun)).includes("AWS_ENDPOINT_URL_STS"));
  }

  async set(around: Around): Promise<void> {
    const given = ["--data", JSON.stringify(around)];
    await runInside(this.node.network, "curl", "--silent", "--fail", ...given, `${AWS}/set`);
  }

  async report(): Promise<Report> {
    return JSON.parse(await runInside(this.node.network, "curl", "--silent", "--fail", `${AWS}/report`)) as Report;
  }

  async #surround(): Promise<void> {
    const { node } = this;
    await importImages(node);
    await mkdir(this.#certificates);
    await selfSigned(this.#certificates, NODE_ADDRESS);
    await writeFile(join(this.#certificates, "jwks.json"), await this.kubectl("get", "--raw", "/openid/v1/jwks"));
    const args = [surroundings, this.#certificates];
    await node.startBeside({ command: process.execPath, args, ready: /listening/ });
    const path = join(node.folder, "policies.json");
    await writeFile(path, JSON.stringify({ apiVersion: "v1", kind: "List", items: policies() }));
    await this.kubectl("apply", "--filename", path);
  }
}

/** One namespace of the cluster. */
export class Namespace {
  readonly name: string;
  readonly #cluster: AwsCluster;
  #written = 0;

  constructor(name: string, cluster: AwsCluster) {
    this.name = name;
    this.#cluster = cluster;
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    return await this.#cluster.kubectl(`--namespace=${this.name}`, ...args);
  }

  /** Applies objects, which are made from shipped ones. */
  async apply(...items: readonly unknown[]): Promise<void> {
    this.#written += 1;
    const path = join(this.#cluster.node.folder, `${this.name}-${this.#written}.json`);
    await writeFile(path, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await this.kubectl("apply", "--filename", path);
  }

  /** One field of every pod, or of those with a label. */
  async ofPods(path: string, ...selection: readonly string[]): Promise<readonly string[]> {
    const printed = await this.kubectl(
      "get",
      "pods",
      ...selection,
      `--output=jsonpath={range .items[*]}{${path}}{"\\n"}{end}`,
    );
    return printed.split("\n").slice(0, -1);
  }

  async pods(): Promise<readonly KubernetesObject[]> {
    const [list] = parse(await this.kubectl("get", "pods", "--output=json"));
    return (list as unknown as { readonly items: readonly KubernetesObject[] }).items;
  }

  async rolledOut(deployment: string): Promise<void> {
    await this.kubectl("rollout", "status", `deployment/${deployment}`, "--timeout=180s");
  }
}
