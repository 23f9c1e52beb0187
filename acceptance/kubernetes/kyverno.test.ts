/** Kyverno's form of the policy fits the schema of Kyverno's own custom resource. Its text is Kubernetes' (`kustomize.test.ts`). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Cluster, eventually } from "./support/cluster.ts";
import { kustomize } from "./support/kubectl.ts";

let cluster: Cluster;

before(async () => {
  cluster = await Cluster.start("1.37");
  await cluster.kubectl(
    "apply",
    "--server-side",
    "--filename",
    "acceptance/kubernetes/build/kyverno-mutatingpolicies.yaml",
  );
  // `kubectl wait` fails on a resource so new that it has no conditions yet.
  await eventually(async () => (await cluster.kubectl("get", "mutatingpolicies.policies.kyverno.io")) === "");
});

after(async () => await cluster?.stop());

const STRICT = ["--dry-run=server", "--validate=strict"] as const;

test("kubectl apply takes deploy/kubernetes/kyverno", async () => {
  const printed = await cluster.kubectl(
    "apply",
    "--server-side",
    ...STRICT,
    "--kustomize",
    "deploy/kubernetes/kyverno",
  );
  assert.match(printed, /serverside-applied \(server dry run\)/);
});

test("the schema refuses a field that Kyverno does not know", async () => {
  const [policy] = await kustomize("deploy/kubernetes/kyverno");
  await assert.rejects(
    cluster.apply({ ...policy, spec: { ...policy?.spec, matchConstraint: {} } }, ...STRICT),
    /matchConstraint/,
  );
});
