/**
 * Kyverno's form of the policy and the manifests for Prometheus' operator, taken by an API server that has the schemas of
 * their own custom resources. The text of the policy is Kubernetes' (`kustomize.test.ts`).
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Cluster, eventually } from "./support/cluster.ts";
import { kustomize } from "./support/kubectl.ts";

/** By the name of the resource, the file that `install.sh` has fetched. */
const schemas: Readonly<Record<string, string>> = {
  "mutatingpolicies.policies.kyverno.io": "kyverno-mutatingpolicies.yaml",
  "podmonitors.monitoring.coreos.com": "prometheus-podmonitors.yaml",
  "prometheusrules.monitoring.coreos.com": "prometheus-prometheusrules.yaml",
  "servicemonitors.monitoring.coreos.com": "prometheus-servicemonitors.yaml",
};

let cluster: Cluster;

before(async () => {
  cluster = await Cluster.start("1.37");
  for (const [resource, file] of Object.entries(schemas)) {
    await cluster.kubectl("apply", "--server-side", "--filename", `acceptance/kubernetes/build/${file}`);
    // `kubectl wait` fails on a resource so new that it has no conditions yet.
    await eventually(async () => (await cluster.kubectl("get", resource)) === "");
  }
});

after(async () => await cluster?.stop());

const STRICT = ["--dry-run=server", "--validate=strict"] as const;

for (const given of [
  ["--kustomize", "deploy/kubernetes/kyverno"],
  ["--filename", "deploy/monitoring/podmonitor.yaml"],
  ["--filename", "deploy/monitoring/prometheusrule.yaml"],
  ["--filename", "deploy/monitoring/servicemonitor.yaml"],
] as const) {
  test(`kubectl apply takes ${given[1]}`, async () => {
    const printed = await cluster.kubectl("apply", "--server-side", ...STRICT, ...given);
    assert.match(printed, /serverside-applied \(server dry run\)/);
  });
}

test("the schema refuses a field that Kyverno does not know", async () => {
  const [policy] = await kustomize("deploy/kubernetes/kyverno");
  await assert.rejects(
    cluster.apply({ ...policy, spec: { ...policy?.spec, matchConstraint: {} } }, ...STRICT),
    /matchConstraint/,
  );
});
