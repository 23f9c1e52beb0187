/** What kustomize makes of the component and of the policies. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import { assertGolden } from "./support/golden.ts";
import { kubectl, kustomize } from "./support/kubectl.ts";
import { type KubernetesObject, kustomizations, parse, root, SIDECAR } from "./support/manifests.ts";

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

/** What the component makes of these. kustomize reads no file from outside of the project, so they lie in it for a moment. */
async function withComponent(...objects: readonly object[]): Promise<readonly KubernetesObject[]> {
  const folder = await mkdtemp(join(root, "acceptance/kubernetes/build/kustomize-"));
  try {
    await writeFile(join(folder, "objects.yaml"), objects.map((one) => stringify(one)).join("---\n"));
    await writeFile(
      join(folder, "kustomization.yaml"),
      stringify({ resources: ["objects.yaml"], components: ["../../../../deploy/kubernetes/component"] }),
    );
    return parse(await kubectl(["kustomize", folder]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("the component puts the sidecar before a Deployment's own init containers, and gives every container the variables", async () => {
  const [made, ...others] = await withComponent(
    deployment("orders", {
      initContainers: [{ name: "migrate" }],
      containers: [{ name: "orders" }, { name: "reports", env: [{ name: "COLOUR", value: "blue" }] }],
    }),
  );
  assert.deepEqual(others, []);
  const { initContainers = [], containers = [] } = made?.spec?.template?.spec ?? {};
  assert.deepEqual(
    initContainers.map(({ name }) => name),
    [SIDECAR, "migrate"],
  );
  for (const { env = [], volumeMounts = [] } of containers) {
    assert.deepEqual(
      env.map(({ name }) => name).filter((name) => name !== "COLOUR"),
      ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
    );
    assert.deepEqual(
      volumeMounts.map(({ name }) => name),
      ["aws-credential-sidecar-token"],
    );
  }
});

test("the component leaves a Deployment without the label alone", async () => {
  const plain = deployment("plain", { containers: [{ name: "plain" }] }, {});
  const made = await withComponent(plain, deployment("orders", { containers: [{ name: "orders" }] }));
  assert.deepEqual(made.find(({ metadata }) => metadata.name === "plain")?.spec, plain.spec);
});

test("Kyverno's policy says what Kubernetes' own says", async () => {
  const [own] = await kustomize("deploy/kubernetes/policy");
  const [kyverno, ...others] = await kustomize("deploy/kubernetes/kyverno");
  assert.deepEqual(others, []);
  const { autogen, ...spec } = (kyverno?.spec ?? {}) as Readonly<Record<string, unknown>>;
  assert.deepEqual(spec, own?.spec);
  assert.deepEqual(autogen, { podControllers: { controllers: [] } });
});
