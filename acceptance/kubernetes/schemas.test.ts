/** Every manifest fits the OpenAPI schemas of the three newest minors of Kubernetes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kustomize } from "./support/kubectl.ts";
import { appliedFiles, kustomizations, read } from "./support/manifests.ts";
import { minors, validatorOf } from "./support/schemas.ts";

/** The policy is v1 from 1.36 on and v1beta1 before; Kyverno's kinds are its own, and `custom-resources.test.ts` checks them. */
const fits: Readonly<Record<string, (minor: string) => boolean>> = {
  "deploy/kubernetes/policy": (minor) => minor !== "1.35",
  "deploy/kubernetes/policy-v1beta1": (minor) => minor === "1.35",
  "deploy/kubernetes/kyverno": () => false,
};

for (const minor of minors) {
  test(`every manifest fits the schemas of Kubernetes ${minor}`, async () => {
    const problemsOf = validatorOf(minor);
    for (const path of appliedFiles) {
      for (const object of read(path)) assert.deepEqual(problemsOf(object), [], `${path}: ${object.kind}`);
    }
    for (const folder of kustomizations.filter((one) => fits[one]?.(minor) ?? true)) {
      for (const object of await kustomize(folder))
        assert.deepEqual(problemsOf(object), [], `${folder}: ${object.kind}`);
    }
  });
}

test("the schemas refuse a field that Kubernetes does not know, and a value of the wrong type", () => {
  const problemsOf = validatorOf("1.37");
  const pod = (container: object) => ({
    apiVersion: "v1",
    kind: "Pod",
    spec: { containers: [{ name: "app", ...container }] },
  });
  assert.deepEqual(problemsOf(pod({})), []);
  assert.match(problemsOf(pod({ restartPolice: "Always" })).join(), /restartPolice/);
  assert.match(problemsOf(pod({ startupProbe: { failureThreshold: "120" } })).join(), /integer/);
});
