/** The control plane of a node: etcd, kube-apiserver, kube-controller-manager and kube-scheduler. */
import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../kubernetes/support/cluster.ts";
import { writeAdministrator, writeKubeconfig } from "../kubernetes/support/kubeconfig.ts";
import { built } from "../kubernetes/support/kubectl.ts";
import type { NodeCluster } from "./cluster.ts";
import { ISSUER, nodeFlags } from "./settings.ts";

/** In its own network namespace no other program has a port. */
const API_SERVER_PORT = 6443;
const ETCD = "http://127.0.0.1:2379";

/** Resolves when the API server is ready and the others work for it. */
export async function startControlPlane(cluster: NodeCluster): Promise<void> {
  const { folder } = cluster;
  const key = join(folder, "service-accounts.pem");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(key, privateKey.export({ type: "pkcs8", format: "pem" }));
  const kubeconfig = await writeKubeconfig(folder, API_SERVER_PORT);
  await cluster.startBeside({
    command: built("etcd"),
    args: [
      `--data-dir=${join(folder, "etcd")}`,
      "--unsafe-no-fsync",
      `--listen-client-urls=${ETCD}`,
      `--advertise-client-urls=${ETCD}`,
      "--listen-peer-urls=http://127.0.0.1:0",
    ],
    ready: /serving client traffic insecurely/,
  });
  await cluster.startBeside({
    command: built("kube-apiserver"),
    args: [
      `--etcd-servers=${ETCD}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${API_SERVER_PORT}`,
      `--cert-dir=${folder}`,
      `--token-auth-file=${await writeAdministrator(folder)}`,
      "--authorization-mode=RBAC",
      `--service-account-issuer=${ISSUER}`,
      `--service-account-jwks-uri=${ISSUER}/openid/v1/jwks`,
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
      ...nodeFlags,
    ],
    ready: /Serving securely on/,
  });
  await eventually(async () => (await cluster.kubectl("get", "--raw", "/readyz")) === "ok");
  const common = [`--kubeconfig=${kubeconfig}`, "--leader-elect=false", "--bind-address=127.0.0.1"];
  await cluster.startBeside({
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
  await cluster.startBeside({
    command: built("kube-scheduler"),
    args: [...common, `--cert-dir=${folder}/scheduler`],
    ready: /Serving securely on/,
  });
}
