/** A real API server takes every manifest, and its Pod Security takes the pods. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Cluster } from "./support/cluster.ts";
import { kustomize } from "./support/kubectl.ts";
import { appliedFiles, kustomizations, podOf, read } from "./support/manifests.ts";

let cluster: Cluster;

before(async () => {
  cluster = await Cluster.start("1.37");
  await cluster.kubectl("create", "serviceaccount", "default");
  await cluster.kubectl("create", "serviceaccount", "orders");
  await cluster.kubectl("label", "namespace", "default", "pod-security.kubernetes.io/enforce=restricted");
});

after(async () => await cluster?.stop());

const DRY_RUN = ["apply", "--server-side", "--dry-run=server", "--validate=strict"] as const;

for (const path of appliedFiles) {
  test(`kubectl apply takes ${path}`, async () => {
    assert.match(await cluster.kubectl(...DRY_RUN, "--filename", path), /serverside-applied \(server dry run\)/);
  });
}

/** `custom-resources.test.ts` has its own, and v1beta1 is what earlier minors serve. */
const elsewhere = ["deploy/kubernetes/kyverno", "deploy/kubernetes/policy-v1beta1"];

for (const folder of kustomizations.filter((one) => !elsewhere.includes(one))) {
  test(`kubectl apply takes ${folder}`, async () => {
    assert.match(await cluster.kubectl(...DRY_RUN, "--kustomize", folder), /serverside-applied \(server dry run\)/);
  });
}

test("every example's pod is allowed where Pod Security is restricted, but those that add addresses", async () => {
  const made = await kustomize("examples/kubernetes/kustomize");
  const objects = [...appliedFiles.flatMap((path) => read(path).map((object) => ({ path, object })))];
  objects.push(...made.map((object) => ({ path: "kustomize", object })));
  const refused: string[] = [];
  for (const { path, object } of objects) {
    const pod = podOf(object);
    if (pod === undefined) continue;
    try {
      await cluster.apply(pod, "--dry-run=server");
    } catch (error) {
      assert.match(String(error), /violates PodSecurity/);
      refused.push(path);
    }
  }
  assert.deepEqual(refused, ["examples/kubernetes/link-local.yaml", "examples/kubernetes/node.yaml"]);
});
