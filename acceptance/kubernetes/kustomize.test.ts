/** What kustomize makes of the component and of the policies. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse, stringify } from "yaml";
import { withComponent, withKustomization } from "./support/component.ts";
import { assertGolden } from "./support/golden.ts";
import { kubectl, kustomize } from "./support/kubectl.ts";
import {
  type KubernetesObject,
  kustomizations,
  type PodSpec,
  podOf,
  read,
  root,
  SIDECAR,
} from "./support/manifests.ts";

for (const folder of kustomizations) {
  test(`${folder} makes what its golden file says`, async () => {
    assertGolden(`${folder.replaceAll("/", "-")}.yaml`, await kubectl(["kustomize", folder]));
  });
}

const label = { "aws-credential-sidecar/inject": "enabled" };

const deployment = (name: string, spec: object, labels: object = label) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, labels },
  spec: { template: { spec } },
});

const OWN_URI = "http://127.0.0.1:9911/v1/for/botocore-1/credentials";

/** Every kind of object that makes pods, with the same pod. */
const workloads = (spec: object, labels: object = label): readonly object[] => [
  ...["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"].map((kind) => ({
    ...deployment(kind.toLowerCase(), spec, labels),
    kind,
  })),
  { ...deployment("job", spec, labels), apiVersion: "batch/v1", kind: "Job" },
  {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "cron", labels },
    spec: { jobTemplate: { spec: { template: { spec } } } },
  },
  { apiVersion: "v1", kind: "Pod", metadata: { name: "pod", labels }, spec },
];

test("the component gives every kind of workload the sidecar first, and every container, init containers too, the variables", async () => {
  const spec = {
    initContainers: [{ name: "migrate" }],
    containers: [{ name: "orders" }, { name: "reports", env: [{ name: "COLOUR", value: "blue" }] }],
  };
  const given = workloads(spec);
  const made = await withComponent(...given);
  assert.equal(made.length, given.length);
  for (const object of made) {
    const { initContainers = [], containers = [] } = podOf(object)?.spec ?? {};
    const [sidecar, ...others] = initContainers;
    assert.equal(sidecar?.name, SIDECAR, object.kind);
    assert.deepEqual(
      sidecar?.env?.map(({ name }) => name),
      ["SIDECAR_AUTH_TOKEN_FILE"],
    );
    assert.deepEqual(
      others.map(({ name }) => name),
      ["migrate"],
    );
    for (const { env = [], volumeMounts = [] } of [...others, ...containers]) {
      assert.deepEqual(
        env.map(({ name }) => name).filter((name) => name !== "COLOUR"),
        ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
      );
      assert.deepEqual(
        volumeMounts.map(({ name, readOnly }) => [name, readOnly]),
        [["aws-credential-sidecar-token", true]],
      );
    }
  }
});

test("the component serves one kind alone, and pods that have no init container of their own", async () => {
  for (const one of workloads({ containers: [{ name: "orders" }] })) {
    const [made, ...others] = await withComponent(one);
    assert.deepEqual(others, []);
    assert.equal(made && podOf(made)?.spec?.initContainers?.[0]?.name, SIDECAR);
  }
});

test("the component keeps the state in memory for every kind of workload with the annotation, in the sidecar alone", async () => {
  const [state] = read("deploy/kubernetes/component/state.yaml");
  const [wanted] = state?.spec?.initContainers ?? [];
  const annotations = { "aws-credential-sidecar/state": "memory" };
  const given = workloads({ containers: [{ name: "orders" }] }) as readonly KubernetesObject[];
  const kept = given.map((one) => ({ ...one, metadata: { ...one.metadata, annotations } }));
  const without = deployment("without", { containers: [{ name: "orders" }] });
  for (const object of await withComponent(...kept, without)) {
    const { initContainers: [sidecar] = [], containers = [], volumes = [] } = podOf(object)?.spec ?? {};
    const keeps = object.metadata.name !== "without";
    assert.deepEqual(sidecar?.env?.slice(1), keeps ? wanted?.env : [], object.kind);
    assert.deepEqual(sidecar?.volumeMounts?.slice(1), keeps ? wanted?.volumeMounts : []);
    assert.deepEqual(volumes.slice(1), keeps ? state?.spec?.volumes : []);
    assert.deepEqual(
      containers[0]?.volumeMounts?.map(({ name }) => name),
      ["aws-credential-sidecar-token"],
    );
  }
});

test("the component refuses a pod on the host network, and names the field", async () => {
  for (const one of workloads({ hostNetwork: true, containers: [{ name: "orders" }] }))
    await assert.rejects(withComponent(one), /hostNetwork/);
});

test("a patch of one's own kustomization comes after the component, and keeps a container's own URI", async () => {
  const patch = {
    patch: stringify({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "orders" },
      spec: {
        template: {
          spec: {
            containers: [{ name: "orders", env: [{ name: "AWS_CONTAINER_CREDENTIALS_FULL_URI", value: OWN_URI }] }],
          },
        },
      },
    }),
  };
  const [made] = await withKustomization(
    { patches: [patch] },
    deployment("orders", { containers: [{ name: "orders" }] }),
  );
  const uri = made && podOf(made)?.spec?.containers[0]?.env?.[0];
  assert.deepEqual(uri, { name: "AWS_CONTAINER_CREDENTIALS_FULL_URI", value: OWN_URI });
});

test("a patch of one's own kustomization gives the component's sidecar a CPU limit, and the pod secrets for the image", async () => {
  const readme = readFileSync(`${root}/deploy/kubernetes/README.md`, "utf8");
  const [, shown = ""] = /changes the sidecar like any container:\n\n```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
  const [made] = await withKustomization(parse(shown), deployment("orders", { containers: [{ name: "orders" }] }));
  const spec = (made && podOf(made)?.spec) as PodSpec & { readonly imagePullSecrets: unknown };
  const [sidecar] = spec.initContainers ?? [];
  assert.equal(sidecar?.name, SIDECAR);
  assert.deepEqual((sidecar.resources as { readonly limits: object }).limits, { cpu: "500m", memory: "128Mi" });
  assert.deepEqual(spec.imagePullSecrets, [{ name: "registry" }]);
});

test("the component leaves a Deployment without the label alone", async () => {
  const plain = deployment("plain", { containers: [{ name: "plain" }] }, {});
  const made = await withComponent(plain, deployment("orders", { containers: [{ name: "orders" }] }));
  assert.deepEqual(made.find(({ metadata }) => metadata.name === "plain")?.spec, plain.spec);
});

test("Kyverno's policy says what Kubernetes' own says", async () => {
  const [own, , ...refusals] = await kustomize("deploy/kubernetes/policy");
  const made = await kustomize("deploy/kubernetes/kyverno");
  const kyverno = made.find(({ kind }) => kind === "MutatingPolicy");
  const others = made.filter((one) => one !== kyverno);
  assert.deepEqual(others, refusals);
  const { autogen, ...spec } = (kyverno?.spec ?? {}) as Readonly<Record<string, unknown>>;
  assert.deepEqual(spec, own?.spec);
  assert.deepEqual(autogen, { podControllers: { controllers: [] } });
});
