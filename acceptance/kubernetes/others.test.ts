/** The kustomize component on workloads of other projects' making, in the form in which they publish them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Cluster } from "./support/cluster.ts";
import { withComponent } from "./support/component.ts";
import { type Container, type KubernetesObject, parse, podOf, root, SIDECAR } from "./support/manifests.ts";
import { enabled } from "./support/policy-cluster.ts";

let cluster: Cluster;

before(async () => {
  cluster = await Cluster.start("1.37");
});

after(async () => await cluster?.stop());

/** The workloads of a file that `install.sh` has linked, labelled, in no namespace of their own. */
function workloadsOf(name: string): readonly KubernetesObject[] {
  const text = readFileSync(`${root}/acceptance/kubernetes/build/others/${name}.yaml`, "utf8");
  return parse(text.replaceAll(/\{\{.*?\}\}/g, "1"))
    .filter((one) => ["Deployment", "StatefulSet"].includes(one?.kind))
    .map(({ metadata: { namespace, ...metadata }, ...rest }) => ({
      ...rest,
      metadata: { ...metadata, labels: { ...metadata.labels, ...enabled } },
    }));
}

/** A container without what the component gives to every one. */
function ownPart({ env = [], volumeMounts = [], ...rest }: Container): object {
  return {
    ...rest,
    env: env.filter(({ name }) => !name.startsWith("AWS_CONTAINER_")),
    volumeMounts: volumeMounts.filter(({ name }) => name !== "aws-credential-sidecar-token"),
  };
}

for (const name of ["prometheus-operator", "volume-snapshot-controller", "kyverno"]) {
  test(`${name}: the sidecar comes first, every container gets the variables, nothing else changes, and the API server takes it`, async () => {
    const given = workloadsOf(name);
    assert.ok(given.length > 0);
    const made = await withComponent(...given);
    assert.equal(made.length, given.length);
    for (const object of made) {
      const theirs = podOf(given.find(({ metadata }) => metadata.name === object.metadata.name) ?? object)?.spec;
      const { initContainers: [sidecar, ...initContainers] = [], containers = [] } = podOf(object)?.spec ?? {};
      assert.equal(sidecar?.name, SIDECAR);
      const readers = [...initContainers, ...containers];
      assert.deepEqual(
        readers.map(ownPart),
        [...(theirs?.initContainers ?? []), ...(theirs?.containers ?? [])].map(ownPart),
      );
      for (const { env = [] } of readers)
        assert.ok(env.some(({ name: variable }) => variable === "AWS_CONTAINER_CREDENTIALS_FULL_URI"));
      await cluster.apply(object, "--dry-run=server", "--validate=strict");
    }
  });
}

test("calico-typha: it is on the host network, and kustomize fails and names the field", async () => {
  await assert.rejects(withComponent(...workloadsOf("calico-typha")), /hostNetwork/);
});
