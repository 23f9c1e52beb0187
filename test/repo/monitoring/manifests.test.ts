/** The manifests for Prometheus' operator against the schemas of its custom resources. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import { PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import { ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor";
import { parseAllDocuments } from "yaml";
import { textOf } from "../../support/monitoring.ts";

type Manifest = Record<string, unknown>;

const models: Readonly<Record<string, (manifest: Manifest) => { validate(): void }>> = {
  PodMonitor: (manifest) => new PodMonitor(manifest as never),
  ServiceMonitor: (manifest) => new ServiceMonitor(manifest as never),
  PrometheusRule: (manifest) => new PrometheusRule(manifest as never),
};

const manifests = ["podmonitor", "servicemonitor", "prometheusrule"]
  .flatMap((name) => parseAllDocuments(textOf(`deploy/monitoring/${name}.yaml`)))
  .map((document): Manifest => document.toJS())
  .filter(({ apiVersion }) => apiVersion === "monitoring.coreos.com/v1");

function isValid(manifest: Manifest): boolean {
  try {
    models[String(manifest.kind)]?.(manifest).validate();
    return true;
  } catch {
    return false;
  }
}

/** The path of every value, outermost first. */
function pathsIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => pathsIn(item, [...path, key]))];
}

/** A copy with a value there that has no type which any field takes. */
function spoilt(manifest: Manifest, path: readonly string[]): Manifest {
  const copy = structuredClone(manifest);
  const parent = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, copy);
  const key = path.at(-1) ?? "";
  parent[key] = Array.isArray(parent[key]) ? "spoilt" : [["spoilt"]];
  return copy;
}

suite("The operator takes", () => {
  test("one manifest of each kind", () => {
    assert.deepEqual(
      manifests.map(({ kind }) => kind),
      Object.keys(models),
    );
  });

  for (const manifest of manifests) {
    test(`the ${manifest.kind}`, () => models[String(manifest.kind)]?.(manifest).validate());

    // The schemas let fields pass that they do not know; what they do know has a type.
    test(`no field of the ${manifest.kind} that its schema does not know`, () => {
      const unknown = pathsIn(manifest.spec, ["spec"]).filter((path) => isValid(spoilt(manifest, path)));
      assert.deepEqual(unknown, []);
    });
  }
});
