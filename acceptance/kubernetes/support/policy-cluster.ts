/** An API server in which the admission policy is in force, and pods to ask it about. */
import { Cluster, eventually } from "./cluster.ts";
import { type Container, type KubernetesObject, type PodSpec, sidecarOf } from "./manifests.ts";

export const enabled = { "aws-credential-sidecar/inject": "enabled" };

export const container = (name: string, given: Partial<Container> = {}): Container => ({
  name,
  image: "registry.example/app:1",
  ...given,
});

export const podWith = (spec: PodSpec, metadata: Partial<KubernetesObject["metadata"]> = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "orders", labels: enabled, ...metadata },
  spec,
});

/** What becomes of an object; throws what the API server says against it. */
export async function admitted(cluster: Cluster, object: KubernetesObject): Promise<KubernetesObject> {
  return JSON.parse(await cluster.apply(object, "--dry-run=server", "--output=json")) as KubernetesObject;
}

/** Resolves when a labelled pod gets the sidecar. `folder` is a kustomization. */
export async function clusterWithPolicy(folder = "deploy/kubernetes/policy"): Promise<Cluster> {
  const cluster = await Cluster.start("1.37");
  try {
    await cluster.kubectl("create", "serviceaccount", "default");
    await cluster.kubectl("apply", "--server-side", "--kustomize", folder);
    // Nothing tells when a policy has come into force.
    await eventually(
      async () => sidecarOf(await admitted(cluster, podWith({ containers: [container("orders")] }))) !== undefined,
    );
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Takes the policy out of force, and leaves its refusals: what remains of it where an engine adds the sidecar. */
export async function withoutPolicy(cluster: Cluster): Promise<void> {
  await cluster.kubectl("delete", "mutatingadmissionpolicybindings", "--all");
  await eventually(async () => {
    const asked = admitted(cluster, podWith({ containers: [container("orders")] }));
    return (await asked.then(() => "", String)).includes("got no sidecar");
  });
}
