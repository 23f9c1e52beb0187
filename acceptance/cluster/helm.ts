/** Helm in the cluster, with the charts in a folder of its own: `helm dependency build` writes into the chart. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NodeCluster } from "./cluster.ts";
import { runInside } from "./namespace.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export class Helm {
  readonly #node: NodeCluster;
  readonly #folder: string;

  private constructor(node: NodeCluster) {
    this.#node = node;
    this.#folder = join(node.folder, "charts");
  }

  static async of(node: NodeCluster): Promise<Helm> {
    const helm = new Helm(node);
    // Links are followed here, as `helm package` follows them.
    await cp(here("../../deploy/helm"), helm.#folder, { recursive: true, dereference: true });
    await helm.run("dependency", "build", "example");
    return helm;
  }

  /** Charts are named by their folders. Throws what helm complains of. */
  async run(...args: readonly string[]): Promise<string> {
    const variables = [`HOME=${this.#node.folder}`, `KUBECONFIG=${this.#node.kubeconfig}`];
    const inFolder = ["env", "--chdir", this.#folder, ...variables, here("../helm/build/helm"), ...args];
    return await runInside(this.#node.network, ...(inFolder as [string, ...string[]]));
  }
}
