/** What the policy's refusals say in a real API server, and how an operator adjusts the policy. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { stringify } from "yaml";
import { type Cluster, eventually } from "./support/cluster.ts";
import { type KubernetesObject, type PodSpec, podOf, root, sidecarOf } from "./support/manifests.ts";
import { admitted, clusterWithPolicy, container, enabled, podWith } from "./support/policy-cluster.ts";

let cluster: Cluster;
let folder: string;

/** As README.md has it: an operator's own kustomization over the policy. */
const adjusted = {
  resources: ["../../../../deploy/kubernetes/policy"],
  patches: [
    {
      target: { kind: "MutatingAdmissionPolicy" },
      patch: stringify([
        { op: "test", path: "/spec/variables/1/name", value: "requests" },
        { op: "replace", path: "/spec/variables/1/expression", value: '{"cpu":"20m","memory":"64Mi"}' },
        { op: "test", path: "/spec/variables/3/name", value: "imagePullSecrets" },
        { op: "replace", path: "/spec/variables/3/expression", value: '["registry"]' },
      ]),
    },
  ],
};

before(async () => {
  folder = mkdtempSync(join(root, "acceptance/kubernetes/build/adjusted-"));
  writeFileSync(join(folder, "kustomization.yaml"), stringify(adjusted));
  cluster = await clusterWithPolicy(folder.slice(root.length));
  // The refusals come into force by themselves, at a time of their own.
  await eventually(async () => !(await isAdmitted(hostNetwork)));
});

after(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const spec: PodSpec = { containers: [container("orders")] };
const hostNetwork = podWith({ ...spec, hostNetwork: true });

async function isAdmitted(object: KubernetesObject): Promise<boolean> {
  return await admitted(cluster, object).then(
    () => true,
    () => false,
  );
}

type Labels = Readonly<Record<string, string>>;

/** A workload whose own labels and whose pods' labels are these. */
function workload(kind: string, own: Labels, pods: Labels, podSpec: PodSpec = spec): KubernetesObject {
  const template = {
    metadata: { labels: { app: "orders", ...pods } },
    spec: { ...podSpec, ...(kind.endsWith("Job") ? { restartPolicy: "Never" } : {}) },
  };
  const selector = { matchLabels: { app: "orders" } };
  const metadata = { name: "orders", labels: own };
  const specs: Readonly<Record<string, object>> = {
    CronJob: { schedule: "@daily", jobTemplate: { spec: { template } } },
    Job: { template },
    StatefulSet: { selector, serviceName: "orders", template },
  };
  const apiVersion = kind.endsWith("Job") ? "batch/v1" : "apps/v1";
  return { apiVersion, kind, metadata, spec: (specs[kind] ?? { selector, template }) as PodSpec };
}

const KINDS = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"] as const;

for (const kind of KINDS) {
  test(`a ${kind}: hostNetwork, a label that its pods do not have, and a wrong value are refused with a message`, async () => {
    const refusal = (object: KubernetesObject) => admitted(cluster, object);
    await assert.rejects(refusal(workload(kind, {}, enabled, { ...spec, hostNetwork: true })), /shares? .*loopback/s);
    await assert.rejects(refusal(workload(kind, enabled, {})), /stands on the \w+, and its pods do not have it/);
    await assert.rejects(
      refusal(workload(kind, {}, { "aws-credential-sidecar/inject": "true" })),
      /has the value "true"\. Write enabled, or disabled/,
    );
    for (const taken of [
      workload(kind, {}, {}),
      workload(kind, enabled, enabled),
      workload(kind, enabled, {}, { ...spec, containers: [...spec.containers, container("aws-credential-sidecar")] }),
      workload(kind, {}, { "aws-credential-sidecar/inject": "disabled" }),
    ]) {
      assert.equal(podOf(await admitted(cluster, taken))?.spec?.containers[0]?.name, "orders");
    }
  });
}

test("a pod: hostNetwork and a wrong value are refused with a message", async () => {
  await assert.rejects(admitted(cluster, hostNetwork), /The label .* does not go with hostNetwork: true/s);
  const labels = { "aws-credential-sidecar/inject": "yes" };
  await assert.rejects(admitted(cluster, podWith(spec, { labels })), /has the value "yes"/);
});

test("a pod whose annotation asks for a state that there is not is refused, and told which there are", async () => {
  const asking = (state: string) => podWith(spec, { annotations: { "aws-credential-sidecar/state": state } });
  await assert.rejects(admitted(cluster, asking("disk")), /has the value "disk"\. Write memory, or none/);
  for (const state of ["memory", "none"]) assert.ok(await isAdmitted(asking(state)));
});

test("a pod whose probes Istio's proxy would answer before it runs is refused, and told the annotations", async () => {
  const proxy = container("istio-proxy", { restartPolicy: "Always" });
  const probe = (port: number) => ({ httpGet: { path: "/app-health/aws-credential-sidecar/startupz", port } });
  const sidecar = (port: number) =>
    container("aws-credential-sidecar", { restartPolicy: "Always", startupProbe: probe(port) });
  const ordinary = (port: number) =>
    podWith({ initContainers: [sidecar(port)], containers: [container("orders"), container("istio-proxy")] });
  await assert.rejects(admitted(cluster, ordinary(15_020)), /sidecar\.istio\.io\/nativeSidecar: "true"/);
  assert.ok(await isAdmitted(ordinary(9912)));
  assert.ok(await isAdmitted(podWith({ ...spec, initContainers: [proxy, sidecar(15_020)] })));
});

test("the operator's patch of the variables reaches the pod: requests, and secrets for the image beside the pod's own", async () => {
  const { spec: made } = await admitted(
    cluster,
    podWith({ ...spec, imagePullSecrets: [{ name: "own" }] } as unknown as PodSpec),
  );
  const pod = made as PodSpec & { readonly imagePullSecrets: unknown };
  assert.deepEqual(pod.imagePullSecrets, [{ name: "own" }, { name: "registry" }]);
  assert.deepEqual(pod.initContainers?.[0]?.resources, {
    requests: { cpu: "20m", memory: "64Mi" },
    limits: { memory: "128Mi" },
  });
});

test("a namespace with a quota of CPU says what is missing, and takes the pod that has the annotation", async () => {
  await cluster.kubectl("create", "namespace", "quota");
  await cluster.kubectl("create", "serviceaccount", "default", "--namespace=quota");
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "cpu", namespace: "quota" } };
  await cluster.apply({ ...quota, spec: { hard: { "limits.cpu": "4" } } });
  const status = { hard: { "limits.cpu": "4" }, used: { "limits.cpu": "0" } };
  // There is no controller here that would count.
  await cluster.kubectl(
    ...["patch", "resourcequota", "cpu", "--namespace=quota", "--subresource=status", "--type=merge"],
    `--patch=${JSON.stringify({ status })}`,
  );
  const containers = [container("orders", { resources: { limits: { cpu: "1" } } })];
  const metadata = { namespace: "quota" };
  await assert.rejects(admitted(cluster, podWith({ containers }, metadata)), /limits\.cpu for: aws-credential-sidecar/);
  const annotations = { "aws-credential-sidecar/cpu-limit": "500m" };
  const taken = await admitted(cluster, podWith({ containers }, { ...metadata, annotations }));
  assert.deepEqual(sidecarOf(taken)?.resources, {
    requests: { cpu: "20m", memory: "64Mi" },
    limits: { cpu: "500m", memory: "128Mi" },
  });
});

test("a LimitRange gives the sidecar its default CPU limit, as it does any container", async () => {
  await cluster.kubectl("create", "namespace", "range");
  await cluster.kubectl("create", "serviceaccount", "default", "--namespace=range");
  await cluster.apply({
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: { name: "cpu", namespace: "range" },
    spec: { limits: [{ type: "Container", default: { cpu: "750m" } }] },
  });
  await eventually(async () => {
    const pod = await admitted(cluster, podWith(spec, { namespace: "range" }));
    const { limits } = (sidecarOf(pod)?.resources ?? {}) as { readonly limits?: Labels };
    return limits?.cpu === "750m" && limits.memory === "128Mi";
  });
});

test("a LimitRange whose minimum is above the sidecar's request refuses the pod, and one that is not takes it", async () => {
  await cluster.kubectl("create", "namespace", "minimum");
  await cluster.kubectl("create", "serviceaccount", "default", "--namespace=minimum");
  const containers = [container("orders", { resources: { requests: { cpu: "1" } } })];
  const answers = async (cpu: string, expected: RegExp) => {
    await cluster.apply({
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: { name: "cpu", namespace: "minimum" },
      spec: { limits: [{ type: "Container", min: { cpu } }] },
    });
    await eventually(async () => {
      const asked = admitted(cluster, podWith({ containers }, { namespace: "minimum" }));
      return expected.test(
        await asked.then(
          () => "taken",
          (error: Error) => error.message,
        ),
      );
    });
  };
  // The operator's patch above asks for 20m.
  await answers("50m", /minimum cpu usage per Container is 50m, but request is 20m/);
  await answers("20m", /^taken$/);
});
