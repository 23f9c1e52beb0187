/** A real kube-apiserver with its etcd, and nothing else: no scheduler, no controllers, no kubelet. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Started, start } from "../../../conformance/processes.ts";
import { writeAdministrator, writeKubeconfig } from "./kubeconfig.ts";
import { built, kubectl } from "./kubectl.ts";

/** How long the API server may take to become ready, and a policy to come into force. In ms. */
const WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

export class Cluster {
  readonly #folder: string;
  readonly #programs: Started[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** The API server of this build in the behaviour of an earlier minor; `flags` are its own. Leaves nothing behind when it fails. */
  static async start(minor: string, flags: readonly string[] = []): Promise<Cluster> {
    const cluster = new Cluster(await mkdtemp(join(tmpdir(), "kubernetes-")));
    try {
      await cluster.#begin([`--emulated-version=${minor}`, ...flags]);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  async #begin(flags: readonly string[]): Promise<void> {
    const etcd = await startEtcd(this.#folder);
    this.#programs.unshift(etcd);
    const server = await startServer(this.#folder, etcd.match[1] ?? "", flags);
    this.#programs.unshift(server);
    try {
      // It serves before it is ready, and is ready before there is a namespace; no event says when there is.
      await eventually(async () => (await this.kubectl("get", "--raw", "/readyz")) === "ok");
      await eventually(async () => (await this.kubectl("get", "namespace", "default")) !== "");
    } catch (error) {
      throw new Error(`the API server did not become ready:\n${server.output().slice(-4_000)}`, { cause: error });
    }
  }

  /** As the cluster's administrator. Throws what `kubectl` complains of. */
  async kubectl(...args: readonly string[]): Promise<string> {
    return await kubectl(args, { KUBECONFIG: this.kubeconfig });
  }

  /** Where the administrator's kubeconfig is. */
  get kubeconfig(): string {
    return join(this.#folder, "kubeconfig");
  }

  /** Applies an object for good, or, with `--dry-run=server` among the flags, asks what would come of it. */
  async apply(object: unknown, ...flags: readonly string[]): Promise<string> {
    const path = join(this.#folder, "object.json");
    await writeFile(path, JSON.stringify(object));
    return await this.kubectl("apply", "--server-side", "--filename", path, ...flags);
  }

  async stop(): Promise<void> {
    for (const program of this.#programs) await program.stop();
    await rm(this.#folder, { recursive: true });
  }
}

/** Asks until the answer is yes. The last error is thrown when time is over. */
export async function eventually(isSo: () => Promise<boolean>, withinMs = WITHIN_MS): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    try {
      if (await isSo()) return;
      if (Date.now() > end) throw new Error("it did not come to be");
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function startEtcd(folder: string): Promise<Started> {
  return start({
    command: built("etcd"),
    args: [
      `--data-dir=${join(folder, "etcd")}`,
      "--unsafe-no-fsync",
      "--listen-client-urls=http://127.0.0.1:0",
      "--advertise-client-urls=http://127.0.0.1:0",
      "--listen-peer-urls=http://127.0.0.1:0",
    ],
    ready: /serving client traffic insecurely.*"address":"([\d.:]+)"/,
  });
}

/** Certificates are of its own making. */
async function startServer(folder: string, store: string, flags: readonly string[]): Promise<Started> {
  const port = await freePort();
  const serviceAccountKey = join(folder, "service-accounts.pem");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(serviceAccountKey, privateKey.export({ type: "pkcs8", format: "pem" }));
  const tokens = await writeAdministrator(folder);
  await writeKubeconfig(folder, port);
  return await start({
    command: built("kube-apiserver"),
    args: [
      `--etcd-servers=http://${store}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${port}`,
      `--cert-dir=${folder}`,
      `--token-auth-file=${tokens}`,
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${serviceAccountKey}`,
      `--service-account-signing-key-file=${serviceAccountKey}`,
      "--service-cluster-ip-range=10.0.0.0/24",
      ...flags,
    ],
    ready: /Serving securely on/,
  });
}

/** For programs that take no port 0, such as the API server: one that the system gave out a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
